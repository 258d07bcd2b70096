"""Reads of the action_plans package; they return frozen values, never ORM objects."""
