"""One row of exact numbers per assessment and basis, which is all that analyses read."""
