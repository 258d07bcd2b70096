"""The form that searches the audit log; it travels in the address, so that a search can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from accounts.audit.queries import Place, Search
from core.forms import DayField, Form


def _plain(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def _text(label: str, hint: str) -> StringField:
    return StringField(
        label,
        description=hint,
        validators=[Length(max=100, message="Use no more than 100 characters.")],
        filters=[_plain],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class AuditSearchForm(Form):
    """Who, what, on which thing, where and when."""

    who = _text("Who", "Part of a name or email.")
    action = _text("What happened", "For example “role given” or “sign in”.")
    subject = _text("To what", "For example a name, an email or “plan 12”.")
    where = SelectField("Where", default="")
    since = DayField("From", validators=[Optional()])
    until = DayField("To", validators=[Optional()])

    class Meta(Form.Meta):
        def wrap_formdata(self, _form: object, formdata: Any) -> MultiDict[str, str]:
            """Always what the view hands in: the words of the address."""
            return MultiDict(formdata)

    def __init__(self, arguments: MultiDict[str, str], *, places: Sequence[Place]) -> None:
        super().__init__(arguments)
        self.places = tuple(places)
        self.where.choices = [("", "Everywhere"), *((one.key, _label(one)) for one in places)]

    def search(self) -> Search:
        """What the viewer looks for."""
        return Search(
            who=self.who.data or "",
            action=self.action.data or "",
            subject=self.subject.data or "",
            since=self.since.data,
            until=self.until.data,
            place=next((one for one in self.places if one.key == self.where.data), None),
        )


def _label(place: Place) -> str:
    return f"– {place.name}" if place.clinic_id is not None else place.name
