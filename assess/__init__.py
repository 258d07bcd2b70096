"""Rating, agreeing on and scoring a clinic's work on a questionnaire, quarter by quarter."""
