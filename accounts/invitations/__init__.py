"""Inviting people by link, one or a whole list, and accepting."""
