"""Past quarters from a file: read, checked as a whole, stored all or not at all."""
