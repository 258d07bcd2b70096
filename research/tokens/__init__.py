"""Tokens by which a person's own programs read the API."""
