"""The demonstration program: drawn from a seed, written with believable dates and words."""
