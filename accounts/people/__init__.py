"""People and their roles, as administrators see and change them."""
