"""The team's meeting: where it stands, what is put off, and voting again."""
