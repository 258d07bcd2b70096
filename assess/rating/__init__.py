"""How what a rater sends becomes stored answers: read, merge, write."""
