"""Pages on which one person rates."""
