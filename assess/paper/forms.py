"""The form on which a paper form is keyed in: one short text box for each item."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import TextInput

from accounts.job_roles import job_role_choices
from assess.answers import UNANSWERED, AnswerValue
from assess.brought_in.checks import Given, SheetProblem, clean_label
from assess.forms import NoteField
from assess.paper.reading import as_typed, choices, key_of, read_key
from assess.queries.paper import PAPER_LABEL
from core.forms import DayField, Form
from core.free_text import FreeLineField
from questionnaires.instrument import Instrument, Milestone

LONGEST_NUMBER = 40
_KEY = re.compile(r"[A-Za-z0-9_-]{16,32}")


class KeyField(Field):
    """What was typed for one item; a mistake comes back as it was typed."""

    widget = TextInput()

    def __init__(self, milestone: Milestone, **settings: Any) -> None:
        super().__init__(milestone.title, **settings)
        self.milestone = milestone

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        self.data = read_key(valuelist[0] if valuelist else "", self.milestone)

    def _value(self) -> str:
        if self.raw_data:
            return as_typed(str(self.raw_data[0]))
        return key_of(self.data or UNANSWERED)


class Row:
    """The fields of one item."""

    def __init__(self, form: SheetForm, milestone: Milestone) -> None:
        self.milestone = milestone
        self.answer = cast(KeyField, form[f"a-{milestone.number}"])
        self.note = cast(NoteField | None, form._fields.get(f"note-{milestone.number}"))

    @property
    def value(self) -> AnswerValue:
        return cast(AnswerValue | None, self.answer.data) or UNANSWERED

    @property
    def choices(self) -> str:
        """What may be typed: "1-4, N or D"."""
        return choices(self.milestone)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(address of the field, words) of all that is wrong with it."""
        found = [(f"#{self.answer.id}", str(text)) for text in self.answer.errors]
        if self.note:
            name = f"Evidence, item {self.milestone.number}: "
            found += [(f"#{self.note.id}", f"{name}{text}") for text in self.note.errors]
        return found


class SheetForm(Form):
    """Base of the forms made for a questionnaire: its items, and the question about empty ones."""

    instrument: Instrument
    few_ok = BooleanField("The form really is that empty. Store it like this.")

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)
        self.rows = tuple(Row(self, one) for one in self.instrument.milestones)

    @property
    def answered(self) -> int:
        """How many items have a sound answer."""
        return sum(row.value.answered for row in self.rows)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(address of the field, words) of all that is wrong, for the summary of the page."""
        own = {field.id for row in self.rows for field in (row.answer, row.note) if field}
        rest = [
            (f"#{field.id}", str(text))
            for field in self
            if field.id not in own
            for text in field.errors
        ]
        return [one for row in self.rows for one in row.problems] + rest

    def validate_few_ok(self, field: BooleanField) -> None:
        """A form that is more than half empty was likely sent by mistake: asked once."""
        wrong = any(row.answer.process_errors for row in self.rows)
        if wrong or field.data or not 0 < self.answered * 2 < len(self.rows):
            return
        raise ValidationError(
            f"Only {self.answered} of {len(self.rows)} items have an answer. "
            "Go on with the empty ones, or say that the form is like this."
        )


class KeyInForm(SheetForm):
    """One whole paper form: its answers, and what stands at its end.

    `key` is of the page on which it was typed. Nobody else knows it, so that asking whether the
    same form came before tells nobody anything.
    """

    key = HiddenField()
    job_role = SelectField(
        "Job role on the form",
        choices=[
            SelectChoice(value=value, label=label)
            for value, label in job_role_choices("Nothing is marked")
        ],
    )
    paper_on = DayField("Date on the form", validators=[InputRequired()])
    number = FreeLineField(
        "Form number",
        filters=[lambda text: text and clean_label(text)],
        validators=[
            InputRequired(),
            Length(max=LONGEST_NUMBER, message=f"Shorten it to {LONGEST_NUMBER} characters."),
        ],
    )

    @property
    def label(self) -> str:
        """The name under which the form is listed."""
        typed = self.number.data or ""
        named = typed.casefold().startswith(PAPER_LABEL.casefold())
        return typed if named else PAPER_LABEL + typed

    @property
    def given(self) -> Given:
        """Answers and notes of the items that have either."""
        rows = ((row, (row.note.data or "") if row.note else "") for row in self.rows)
        return {
            row.milestone.key: (row.value, note) for row, note in rows if row.value.answered or note
        }

    @property
    def mark(self) -> str | None:
        """Names the page to itself and in addresses, without telling its key; None without one."""
        key = self.key.data or ""
        return hashlib.sha256(key.encode()).hexdigest()[:16] if _KEY.fullmatch(key) else None

    @property
    def origin(self) -> str:
        """The same for this very form from this very page only; "" when the page gave no key."""
        if self.mark is None:
            return ""
        said = sorted((one, key_of(value), note) for one, (value, note) in self.given.items())
        content = repr((self.label, self.job_role.data, self.paper_on.data, said)).encode()
        return f"{self.key.data}-{hashlib.sha256(content).hexdigest()[:24]}"

    @property
    def kept(self) -> Mapping[str, str]:
        """By milestone, the mark of a note that its keyer stands by."""
        return {row.milestone.key: row.note.mark for row in self.rows if row.note and row.note.mark}

    def show(self, problems: Iterable[SheetProblem]) -> None:
        """Put what the store refused at its fields."""
        rows = {row.milestone.key: row for row in self.rows}
        names: dict[str, Field] = {
            "label": self.number,
            "job_role": self.job_role,
            "paper_on": self.paper_on,
        }
        for one in problems:
            row = rows.get(one.milestone, self.rows[0])
            at: Field = names.get(one.field, row.answer)
            if one.field == "note" and row.note:
                at = row.note
            at.errors = [*at.errors, one.message]


def key_in_form(
    instrument: Instrument,
    formdata: MultiDict[str, str] | None = None,
    *,
    paper_on: date | None = None,
    number: str = "",
    key: str = "",
) -> KeyInForm:
    """The form for one paper form of this questionnaire; `key` as KeyInForm has it."""
    made = _form_class(instrument, KeyInForm, True)
    given = {"paper_on": paper_on, "number": number, "key": key}
    return cast(KeyInForm, made(formdata, data=given))


def second_form(instrument: Instrument, formdata: MultiDict[str, str] | None = None) -> SheetForm:
    """The form for the answers of a second entry, without notes."""
    return _form_class(instrument, SheetForm, False)(formdata)


@lru_cache(maxsize=16)
def _form_class(instrument: Instrument, base: type[SheetForm], has_notes: bool) -> type[SheetForm]:
    fields: dict[str, object] = {"instrument": instrument}
    for milestone in instrument.milestones:
        fields[f"a-{milestone.number}"] = KeyField(milestone)
        if has_notes:
            fields[f"note-{milestone.number}"] = NoteField(f"Evidence, item {milestone.number}")
    return type("FormOfSheet", (base,), fields)
