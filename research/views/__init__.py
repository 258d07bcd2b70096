"""Pages of the research package."""
