"""Pages of the accounts package, one module a page group."""
