"""Forms of rating without an account: the code, the start, and the settings of the link."""

from __future__ import annotations

from datetime import date

from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, ValidationError

from accounts.job_roles import job_role_choices
from assess.joining.codes import read_code
from assess.joining.links import LONGEST
from core.days import day
from core.forms import DayField, Form


class CodeForm(Form):
    """The code of a poster, typed."""

    code = StringField("Code on the poster")

    def validate_code(self, field: StringField) -> None:
        if read_code(field.data or "") is None:
            raise ValidationError("A code has 12 letters and digits. Check it and type it again.")


class JoinForm(Form):
    """What somebody says before rating: their job, if asked, and whether the device is shared."""

    job_role = SelectField("Your job role (optional)")
    is_shared = BooleanField("Others use this device too")

    def __init__(self, *args: object, asks_job_role: bool, **settings: object) -> None:
        super().__init__(*args, **settings)
        if asks_job_role:
            self.job_role.choices = [
                SelectChoice(value=value, label=label) for value, label in job_role_choices()
            ]
        else:
            del self.job_role

    @property
    def chosen_job_role(self) -> str | None:
        """The job, if it was asked and said."""
        field: SelectField | None = self._fields.get("job_role")
        return (field.data or None) if field else None


class LinkForm(Form):
    """Until when the link works and whether raters are asked for their job."""

    last_day = DayField("Works until", validators=[InputRequired()])
    asks_job_role = BooleanField("Ask raters for their job role")

    def __init__(self, *args: object, today: date, **settings: object) -> None:
        super().__init__(*args, **settings)
        self.today = today

    def validate_last_day(self, field: DayField) -> None:
        latest = self.today + LONGEST
        if field.data is not None and not self.today <= field.data <= latest:
            raise ValidationError(f"Choose a day from today to {day(latest)}.")
