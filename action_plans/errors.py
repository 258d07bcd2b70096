"""What can go wrong with a plan, in words for the person who meets it."""

from __future__ import annotations

from core.errors import BlockwiseError, Conflict


class PlanExists(Conflict):
    """The assessment has its plan already."""

    title = "There is a plan already"

    def __init__(self, plan_id: int) -> None:
        super().__init__("This assessment has a plan already. Open that plan and add to it.")
        self.plan_id = plan_id


class PlanClosed(Conflict):
    """A closed plan is a record and takes no changes."""

    title = "This plan is closed"


class RatingsHidden(Conflict):
    """A plan rests on what the team has seen together."""

    title = "Reveal the ratings first"


class ChangedMeanwhile(Conflict):
    """Somebody else saved the same thing after this form was opened."""


class PlanRefused(BlockwiseError):
    """What was sent cannot be stored; `field` names the input that the words belong to."""

    status = 422
    title = "The plan needs a change"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
