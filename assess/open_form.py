"""The form that opens an assessment for one clinic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Optional, ValidationError

from assess.quarters import Quarter
from core.forms import DayField, Form
from questionnaires.instrument import Instrument

USUAL_TIME = timedelta(days=21)


class OpenForm(Form):
    """Questionnaire, quarter and the day by which everybody should have rated."""

    questionnaire = SelectField("Questionnaire", validators=[InputRequired()])
    quarter = SelectField(
        "Quarter",
        validators=[InputRequired()],
        description="The quarter that the ratings describe.",
    )
    due_on = DayField(
        "Rate until (optional)",
        validators=[Optional()],
        description="Three weeks are usual. Ratings still count after this day.",
    )

    def __init__(
        self, *args: object, instruments: Sequence[Instrument], today: date, **settings: object
    ) -> None:
        settings.setdefault(
            "data", {"quarter": str(Quarter.of(today)), "due_on": today + USUAL_TIME}
        )
        super().__init__(*args, **settings)
        self.today = today
        now = Quarter.of(today)
        self.questionnaire.choices = [
            SelectChoice(value=one.slug, label=one.title) for one in instruments
        ]
        self.quarter.choices = [
            SelectChoice(value=str(one), label=one.label) for one in (now - 1, now, now + 1)
        ]

    def validate_due_on(self, field: DayField) -> None:
        if field.data is not None and field.data < self.today:
            raise ValidationError("Choose today or a later day.")
