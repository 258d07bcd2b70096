"""The results page of an assessment, and opening it to the team."""
