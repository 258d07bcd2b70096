"""The base of every form: Flask-WTF, with the one place that knows it carries no types."""

from __future__ import annotations

from flask_wtf import FlaskForm


class Form(FlaskForm):  # type: ignore[misc]
    """A form of a page; its CSRF token is checked by accounts.guard before the view runs."""

    class Meta:
        csrf = False
