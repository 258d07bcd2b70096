"""Tests of the core with a database."""
