"""The form with which a team agrees the level of one milestone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField
from wtforms.validators import Length

from assess.answers import AnswerValue, clean_note
from assess.forms import LevelField
from assess.meeting.agreeing import TEXT_LIMIT, Decision
from assess.queries.agreements import Agreement
from core.forms import Form
from core.free_text import FreeTextField
from questionnaires.instrument import Milestone

TOO_LONG = f"Use no more than {TEXT_LIMIT:,} characters."


class AgreeForm(Form):
    """Base of the forms made by `agree_form`."""

    milestone: Milestone
    clash: Agreement | None = None
    """What somebody else agreed in the meantime, when this was refused because of it."""
    rationale = FreeTextField(
        "Why this level? (optional)", validators=[Length(max=TEXT_LIMIT, message=TOO_LONG)]
    )
    dissent = FreeTextField(
        "Who sees it differently, and why? (optional)",
        validators=[Length(max=TEXT_LIMIT, message=TOO_LONG)],
        description="Name roles, not people.",
    )
    seen = HiddenField()

    @property
    def level(self) -> LevelField:
        return cast(LevelField, self["level"])

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if self.level.data is None and not self.level.errors:
            self.level.errors = ["Choose the level that the team agrees on."]
        return valid and not self.level.errors

    @property
    def decision(self) -> Decision:
        """What the form says; only after it validated."""
        return Decision(
            milestone=self.milestone.key,
            value=cast(AnswerValue, self.level.data),
            rationale=clean_note(self.rationale.data or ""),
            dissent=clean_note(self.dissent.data or ""),
            seen=self.seen.data or "",
        )

    def meet(self, standing: Agreement | None) -> None:
        """Show what stands now; agreeing again then builds on it."""
        self.clash = standing
        self.seen.data = standing.mark if standing else ""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(address of the field, words) of all that is wrong, for the summary of the page."""
        fields = ((f"#m-{self.milestone.key}", self.level.errors),)
        texts = tuple((f"#{field.id}", field.errors) for field in (self.rationale, self.dissent))
        return [(place, " ".join(errors)) for place, errors in fields + texts if errors]


def agree_form(
    milestone: Milestone, agreed: Agreement | None, formdata: MultiDict[str, str] | None = None
) -> AgreeForm:
    """The form of one milestone, filled from a posted form or else from what was agreed.

    A button that agrees a level at once counts more than the level chosen beside it.
    """
    if formdata is not None and "at-once" in formdata:
        formdata = MultiDict(formdata)
        formdata["level"] = formdata["at-once"]
    stored = {
        "level": agreed.value if agreed else None,
        "rationale": agreed.rationale if agreed else "",
        "dissent": agreed.dissent if agreed else "",
        "seen": agreed.mark if agreed else "",
    }
    return _form_class(milestone)(formdata, data=stored)


@lru_cache(maxsize=256)
def _form_class(milestone: Milestone) -> type[AgreeForm]:
    fields = {"milestone": milestone, "level": LevelField(milestone)}
    return type("FormOfMilestone", (AgreeForm,), fields)
