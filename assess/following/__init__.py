"""Opening assessments and following them: who is asked, reminded, late, and what was done since."""
