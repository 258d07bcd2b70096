"""The figures of a study or of one clinic: their numbers from what was found, drawn by assess."""
