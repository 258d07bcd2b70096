"""Searching, proving and exporting the audit log."""
