"""The program page: change over quarters."""
