"""Pages of the assess package, one module a page group."""
