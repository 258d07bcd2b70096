"""Forms of the plan pages; each says in its error what to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from action_plans.models import ActionStatus
from action_plans.plan import GoalView
from action_plans.tasks import ActionContent
from core.forms import DayField, Form
from core.free_text import FreeLineField, FreeTextField

STATUS_LABELS = {
    ActionStatus.NOT_STARTED: "Not started",
    ActionStatus.UNDER_WAY: "Under way",
    ActionStatus.DONE: "Done",
    ActionStatus.STOPPED: "Stopped",
}


def tidy(text: str | None) -> str:
    """Text as it is stored: no blanks around it, plain line ends, nothing invisible."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if char >= " " or char in "\n\t").strip()


class Text(Length):
    """At most `max` characters, said with the number that is too many."""

    def __call__(self, _form: Any, field: Any) -> None:
        over = len(field.data or "") - self.max
        if over > 0:
            letters = "character" if over == 1 else "characters"
            raise ValidationError(
                f"{field.label.text} is {over:,} {letters} too long. "
                f"Shorten it to {self.max:,} characters."
            )


class MeetingForm(Form):
    """When the team met, who was there, and when it meets next."""

    meeting_on = DayField("Day you met", validators=[Optional()])
    participants = FreeTextField("Who met", filters=[tidy], validators=[Text(max=1000)])
    next_meeting_on = DayField("Next meeting", validators=[Optional()])
    seen = HiddenField()

    def validate_next_meeting_on(self, field: Any) -> None:
        met = self.meeting_on.data
        if field.data and met and field.data < met:
            raise ValidationError("Choose a next meeting that is after the day you met.")


class GoalForm(Form):
    """Where a goal aims and how the team will know."""

    target_level = RadioField("Level to reach", coerce=int, choices=[])
    measure = FreeTextField("How we will know", filters=[tidy], validators=[Text(max=1000)])
    seen = HiddenField()

    @classmethod
    def of(cls, goal: GoalView) -> GoalForm:
        """Filled from the request, or else from the goal."""
        form = cls(
            data={
                "target_level": goal.target_level,
                "measure": goal.measure,
                "seen": goal.seen,
            }
        )
        form.target_level.choices = [
            SelectChoice(str(step.level), f"{step.level} {step.label}") for step in goal.targets
        ]
        return form


class ActionForm(Form):
    """One action: what, who, by when, where it stands, and what may help or stand in the way."""

    task = FreeTextField("Task", filters=[tidy], validators=[Text(max=500)])
    owner = FreeLineField("Owner", filters=[tidy], validators=[Text(max=100)])
    due_on = DayField("Due date", validators=[Optional()])
    status = SelectField(
        "Status", choices=[SelectChoice(key.value, text) for key, text in STATUS_LABELS.items()]
    )
    tip = RadioField("Tip", choices=[], default="")
    obstacle = SelectField("What may stand in the way", choices=[], default="")
    obstacle_note = FreeTextField(
        "How you will get around it", filters=[tidy], validators=[Text(max=500)]
    )
    revision = IntegerField(
        widget=HiddenInput(), default=0, validators=[NumberRange(min=0, message="Reload the page.")]
    )

    def __init__(self, goal: GoalView, tips: Sequence[str], **settings: Any) -> None:
        super().__init__(**settings)
        self.tips = tuple(tips)
        self.tip.choices = [
            SelectChoice("", "No tip"),
            *(SelectChoice(str(number), tip) for number, tip in enumerate(tips, start=1)),
        ]
        self.obstacle.choices = [
            SelectChoice("", "Nothing we know of"),
            *(SelectChoice(one.key, one.title) for one in goal.block.challenges),
        ]

    def validate_task(self, field: Any) -> None:
        # a chosen tip is task enough
        if not field.data and not self.chosen_tip:
            raise ValidationError("Enter the task, or choose a tip to use as the task.")

    @property
    def chosen_tip(self) -> str:
        """The text of the tip that is picked, or nothing."""
        number = self.tip.data or ""
        return self.tips[int(number) - 1] if self._is_tip(number) else ""

    def content(self) -> ActionContent:
        """What the form says about the action."""
        return ActionContent(
            task=self.task.data or self.chosen_tip,
            owner=self.owner.data or "",
            due_on=self.due_on.data,
            status=ActionStatus(self.status.data),
            tip=self.chosen_tip,
            obstacle=self.obstacle.data or "",
            obstacle_note=self.obstacle_note.data or "",
        )

    def _is_tip(self, number: str) -> bool:
        return number in {str(place) for place, _ in enumerate(self.tips, start=1)}


class MoveForm(Form):
    """Where an action stands now, and the status that the page showed."""

    status = SelectField(
        "Status", choices=[SelectChoice(key.value, text) for key, text in STATUS_LABELS.items()]
    )
    seen = SelectField(
        "Seen", choices=[SelectChoice(key.value, text) for key, text in STATUS_LABELS.items()]
    )
    note = FreeLineField("Remark", filters=[tidy], validators=[Text(max=500)])


class ChoiceForm(Form):
    """Milestones to make goals of, and earlier actions to carry over."""

    milestones = SelectMultipleField("Milestones", choices=[])
    carried = SelectMultipleField("Actions to carry over", coerce=int, choices=[])

    @classmethod
    def of(cls, milestones: Sequence[str], carried: Sequence[int]) -> ChoiceForm:
        """The form whose boxes are these milestones and actions."""
        form = cls()
        form.milestones.choices = [SelectChoice(key) for key in milestones]
        form.carried.choices = [SelectChoice(str(key)) for key in carried]
        return form


class ReflectionForm(Form):
    """What the team learned in the quarter."""

    reflection = FreeTextField(
        "What helped, what got in the way, and what comes next?",
        filters=[tidy],
        validators=[Text(max=4000)],
    )
