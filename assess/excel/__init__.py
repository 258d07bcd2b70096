"""Rating in Excel: the template to fill in, reading what comes back, and bringing it in."""
