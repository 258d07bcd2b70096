"""Reads of the assess package; they return frozen values, never ORM objects."""
