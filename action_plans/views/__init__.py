"""Pages of the action_plans package, one module a page group."""
