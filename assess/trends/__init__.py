"""Change over quarters, tested as R does it: pure functions on numpy and scipy alone."""
