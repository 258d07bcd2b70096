"""The base of every form and the fields that several packages share."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, PasswordField
from wtforms.validators import ValidationError

from core import audit
from core.identifiers import kinds
from core.transactions import SAFE_METHODS
from core.unprintable import without_controls

EARLIEST, LATEST = date(2015, 1, 1), date(2100, 12, 31)

# WTForms' own sentences say what is wrong; these say what to do about it
WORDS = {
    "This field is required.": "Fill this in.",
    "Not a valid choice.": "Choose one of the options shown.",
    "Not a valid choice": "Choose one of the options shown.",
    "Invalid Choice: could not coerce.": "Choose one of the options shown.",
    "Invalid choice(s): one or more data inputs could not be coerced.": (
        "Choose from the options shown."
    ),
    "Not a valid integer value.": "Enter a whole number.",
}


class _Words:
    def gettext(self, text: str) -> str:
        return WORDS.get(text, text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        if "is not a valid choice" in one or "are not valid choices" in many:
            return "Choose from the options shown."
        return one if number == 1 else many


class Form(FlaskForm):  # type: ignore[misc]
    """A form of a page; its CSRF token is checked by accounts.guard before the view runs."""

    class Meta:
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> MultiDict[str, str] | None:
            """What the browser sent as a form: never JSON or files, which hold other things."""
            if formdata is not None and not isinstance(formdata, MultiDict):
                formdata = None if request.method in SAFE_METHODS else request.form
            return formdata and _printable(form, formdata)

        def get_translations(self, _form: object) -> _Words:
            return _Words()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form is sound; what was kept in spite of a warning goes into the log."""
        if not super().validate(extra_validators):
            return False
        for field in self:
            if kept := getattr(field, "kept", ()):
                audit.record(
                    "free_text.kept",
                    subject=f"{request.path} {field.short_name}",
                    organization_id=g.get("organization_id"),
                    after={"looks_like": kinds(kept)},
                )
        return True


def _printable(form: Any, formdata: MultiDict[str, str]) -> MultiDict[str, str]:
    """The same without the signs that no page or no database takes; passwords stay as typed."""
    if all(text == without_controls(text) for _, text in formdata.items(multi=True)):
        return formdata
    exact = {field.name for field in form._fields.values() if isinstance(field, PasswordField)}
    return MultiDict(
        (name, text if name in exact else without_controls(text))
        for name, text in formdata.items(multi=True)
    )


class DayField(DateField):
    """A calendar day; browsers without a date picker send what people type."""

    def __init__(self, label: str, **settings: Any) -> None:
        super().__init__(label, format=["%Y-%m-%d", "%m/%d/%Y"], **settings)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError as error:
            raise ValueError(
                f"{self.label.text}: enter it as month/day/year, like 12/31/2026."
            ) from error

    def pre_validate(self, _form: Any) -> None:
        if self.data is not None and not EARLIEST <= self.data <= LATEST:
            raise ValidationError("Check the year: it should be between 2015 and 2100.")
