"""How far raters agree: statistics on one table of ratings, and what they mean in words."""
