"""Organizations and clinics, by hand and from a file, and the first start."""
