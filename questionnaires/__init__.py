"""Questionnaires as reviewed content: what may be asked, on which scale, scored by which rule."""
