"""The field of every box for free text: it asks before it takes what looks like an identifier."""

from __future__ import annotations

from typing import Any

from wtforms import Field, StringField, TextAreaField
from wtforms.validators import ValidationError

from core import clock
from core.identifiers import Identifier, mark_of, new_identifiers, warning

LOOKED_AT = 10_000
"""Characters that are searched; every box takes far fewer, and more is refused for its length."""


class Asking(Field):
    """Mixin: a field for free text that asks whether it is about a patient.

    What looks like an identifier is refused once, with a box to tick that keeps it as it is. Text
    that stood there before is not asked about again. `kept` holds what was kept in spite of the
    warning, for the audit log; `mark` is what the box must carry.
    """

    asks_about_patients = False
    """Whether the page warns beside the field before anything is typed."""
    mark = ""
    kept: tuple[Identifier, ...] = ()

    def process(self, formdata: Any, *args: Any, **settings: Any) -> None:
        super().process(formdata, *args, **settings)
        self._answer = formdata.get(self.keep_name, "") if formdata else ""

    @property
    def keep_name(self) -> str:
        """Name of the box that says: not about a patient."""
        return f"{self.name}-keep"

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        found = self._new_identifiers()
        if not found:
            return
        self.mark = mark_of(found)
        if self._answer != self.mark:
            raise ValidationError(warning(found))
        self.kept = found

    def _new_identifiers(self) -> tuple[Identifier, ...]:
        before = self.object_data if isinstance(self.object_data, str) else ""
        return new_identifiers((self.data or "")[:LOOKED_AT], before, today=clock.today())


class FreeTextField(Asking, TextAreaField):
    """A text area that warns against patient information."""

    asks_about_patients = True


class FreeLineField(Asking, StringField):
    """One line of free text."""
