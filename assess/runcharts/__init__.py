"""One clinic alone has no test of change: a run chart with its rules instead. Pure functions."""
