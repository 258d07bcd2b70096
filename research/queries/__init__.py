"""Reads of the research package; they return frozen values, never ORM objects."""
