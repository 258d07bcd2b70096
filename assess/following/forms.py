"""The forms that open assessments, for one clinic or many, and change them while rating runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from assess.answers import clean_note
from assess.following import cycle, reasons
from assess.following.opening import LONGEST_MESSAGE
from assess.following.steps import LONGEST_REASON
from assess.quarters import Quarter
from assess.queries.following import Askable
from core.forms import DayField, Form
from core.free_text import FreeTextField
from core.numbers import whole_number
from questionnaires.instrument import Instrument

USUAL_TIME = timedelta(days=21)
MOST_CLINICS = 1000
"""Clinics for which somebody opens at once."""
EVERYONE, CHOSEN = "everyone", "chosen"
TOO_LONG = f"Use no more than {LONGEST_MESSAGE:,} characters."
REASON_TOO_LONG = f"Use no more than {LONGEST_REASON:,} characters."


def _key(value: object) -> int:
    """An id as databases hold it. Raises ValueError for any other number."""
    key = whole_number(str(value))
    if not key:
        raise ValueError("no id")
    return key


class TermsForm(Form):
    """Until when people should rate, what they are told, and when they are reminded."""

    due_on = DayField(
        "Rate until (optional)",
        validators=[Optional()],
        description="Three weeks are usual. Ratings still count after this day.",
    )
    message = FreeTextField(
        "Message to the raters (optional)",
        validators=[Length(max=LONGEST_MESSAGE, message=TOO_LONG)],
        description="They read it before they start, and in every mail.",
    )
    invite = BooleanField("Email the people who are asked, with a link to start")
    remind_days = SelectMultipleField(
        "Email reminders on these days",
        coerce=int,
        choices=[SelectChoice(value=one, label=reasons.label(one)) for one in reasons.DAYS],
        description="Only to those who have not finished, once for each due day. "
        "Choose none, and no reminders go out by themselves.",
    )

    def __init__(self, *args: Any, today: date, mails: bool, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.today = today
        self._due_before: date | None = (settings.get("data") or {}).get("due_on")
        if not mails:
            del self.invite
            del self.remind_days

    def validate_due_on(self, field: DayField) -> None:
        # a day that passed while rating runs may stay
        if field.data and field.data < self.today and field.data != self._due_before:
            raise ValidationError("Choose today or a later day.")

    @property
    def words(self) -> str:
        """The message as it is stored."""
        return clean_note(self.message.data or "")

    @property
    def invites(self) -> bool:
        """Whether those asked are mailed."""
        field: BooleanField | None = self._fields.get("invite")
        return bool(field and field.data)

    @property
    def reminds(self) -> tuple[int, ...] | None:
        """Days from the due day on which reminders go out; None where that is not asked."""
        field: SelectMultipleField | None = self._fields.get("remind_days")
        return None if field is None else tuple(field.data or ())


class AskForm(TermsForm):
    """The same for one clinic, with the people who are asked."""

    asks = RadioField(
        "Who is asked to rate?",
        choices=[
            SelectChoice(value=EVERYONE, label="Everyone who works in the clinic"),
            SelectChoice(value=CHOSEN, label="Only the people I choose"),
        ],
        description="Who is not asked can still rate, and it counts.",
    )
    people = SelectMultipleField("People", coerce=int, choices=[])

    def __init__(self, *args: Any, people: Sequence[Askable], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.askable = people
        self.people.choices = [SelectChoice(value=one.id, label=one.name) for one in people]

    def validate_people(self, field: SelectMultipleField) -> None:
        if self.asks.data == CHOSEN and not field.data:
            raise ValidationError("Choose at least one person, or ask everyone.")

    @property
    def asked(self) -> list[int] | None:
        """Ids of those who are asked; None is everyone."""
        return list(self.people.data or ()) if self.asks.data == CHOSEN else None


class OpenForm(AskForm):
    """Everything about a new assessment of one clinic."""

    questionnaire = SelectField("Questionnaire", validators=[InputRequired()])
    quarter = SelectField("Quarter", validators=[InputRequired()])

    def __init__(
        self,
        *args: Any,
        instruments: Sequence[Instrument],
        taken: Sequence[tuple[str, Quarter]],
        today: date,
        **settings: Any,
    ) -> None:
        self.is_first = not taken
        first = instruments[0].slug
        self.offer = cycle.offer(today, {one for slug, one in taken if slug == first})
        now = Quarter.of(today)
        quarter = str(self.offer.quarter or now)
        usual = _usual(today) | {"quarter": quarter, "asks": EVERYONE}
        super().__init__(*args, today=today, data=usual, **settings)
        self.questionnaire.choices = [
            SelectChoice(value=one.slug, label=one.title) for one in instruments
        ]
        titles = {one.slug: one.title for one in instruments}
        self.quarter.choices = [
            SelectChoice(value=str(one), label=_label(one, taken, titles))
            for one in (now - 1, now, now + 1)
        ]


class OpenManyForm(TermsForm):
    """A new assessment of each chosen clinic; questionnaire and quarter stand in the address."""

    clinics = SelectMultipleField("Clinics", coerce=_key, validate_choice=False)

    def __init__(self, *args: Any, today: date, **settings: Any) -> None:
        usual = _usual(today) | {"clinics": []}
        super().__init__(*args, today=today, data=usual, **settings)

    def validate_clinics(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError("Choose at least one clinic.")
        if len(field.data) > MOST_CLINICS:
            raise ValidationError(f"Choose no more than {MOST_CLINICS:,} clinics at a time.")


class ChangeForm(AskForm):
    """What may change while rating runs."""


class ReasonForm(Form):
    """Why somebody closes, reopens or takes back."""

    reason = FreeTextField(
        "Why?",
        validators=[Length(max=LONGEST_REASON, message=REASON_TOO_LONG)],
        description="Your team reads it next to this step.",
    )

    def validate_reason(self, field: FreeTextField) -> None:
        if not (field.data or "").strip():
            raise ValidationError("Say why in a few words.")

    @property
    def words(self) -> str:
        """The reason as it is stored."""
        return clean_note(self.reason.data or "")


class MoveForm(ReasonForm):
    """Another quarter for an assessment."""

    quarter = SelectField("Quarter", validators=[InputRequired()])

    def __init__(self, *args: Any, quarters: Sequence[Quarter], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.quarter.choices = [SelectChoice(value=str(one), label=one.label) for one in quarters]


def _usual(today: date) -> dict[str, object]:
    """The terms of a new assessment before anybody changes them."""
    return {
        "due_on": today + USUAL_TIME,
        "invite": True,
        "remind_days": list(reasons.USUAL),
    }


def _label(quarter: Quarter, taken: Sequence[tuple[str, Quarter]], titles: dict[str, str]) -> str:
    here = [titles.get(slug, slug) for slug, one in taken if one == quarter]
    return f"{quarter.label} (has {', '.join(here)})" if here else quarter.label
