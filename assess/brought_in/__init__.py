"""Ratings that come from paper or a file."""
