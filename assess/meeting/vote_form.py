"""The form with which somebody votes again: every level is a button, so that one tap votes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from assess.answers import AnswerValue
from assess.forms import LevelField, RevisionField
from core.forms import Form
from questionnaires.instrument import Milestone


class VoteForm(Form):
    """Base of the forms made by `vote_form`; `number` is the round that the page showed."""

    milestone: Milestone
    number = RevisionField()

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        level = self["level"]
        if level.data is None and not level.errors:
            level.errors = ["Choose a level."]
        return valid and not level.errors

    @property
    def value(self) -> AnswerValue:
        """What was chosen; only after it validated."""
        return cast(AnswerValue, self["level"].data)

    @property
    def problem(self) -> str:
        """What is wrong, in words; empty when nothing is."""
        return " ".join(self["level"].errors)


def vote_form(milestone: Milestone, formdata: Any) -> VoteForm:
    """The posted vote on a milestone."""
    return _form_class(milestone)(formdata)


@lru_cache(maxsize=256)
def _form_class(milestone: Milestone) -> type[VoteForm]:
    fields = {"milestone": milestone, "level": LevelField(milestone)}
    return type("VoteOnMilestone", (VoteForm,), fields)
