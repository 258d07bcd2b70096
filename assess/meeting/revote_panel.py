"""What the facilitator's page says about voting again on a milestone: never who, and what late."""

from __future__ import annotations

from dataclasses import dataclass

from assess.findings import MilestoneResult
from assess.meeting.agenda import suggested_level
from assess.meeting.spread import (
    Spread,
    change_words,
    rated_spread,
    voted_words,
    votes_needed,
    with_spread,
)
from assess.queries.revotes import Revotes, get_revotes


@dataclass(frozen=True, slots=True)
class RevotePanel:
    """The votes on one milestone beside its ratings; `raters` are those whose ratings count."""

    result: MilestoneResult
    revotes: Revotes
    raters: int

    @property
    def rated(self) -> Spread:
        return rated_spread(self.result)

    @property
    def voted_words(self) -> str:
        """How many have voted in the open round."""
        return voted_words(self.revotes.open.votes if self.revotes.open else 0, self.raters)

    @property
    def needed(self) -> int:
        """How many must have voted before the votes may be shown."""
        return votes_needed(self.raters)

    @property
    def is_enough(self) -> bool:
        """Whether the open round may be shown."""
        return self.revotes.open is not None and self.revotes.open.votes >= self.needed

    @property
    def change_words(self) -> str:
        """What the latest revealed vote changed; empty when none was revealed."""
        now = self.revotes.latest
        return change_words(self.rated, now) if now else ""

    @property
    def suggested(self) -> int | None:
        """The level to talk about after the latest revealed vote, by the agenda's rule."""
        now = self.revotes.latest
        return suggested_level(with_spread(self.result, now)) if now else None


def get_revote_panel(assessment_id: int, result: MilestoneResult, raters: int) -> RevotePanel:
    """The panel of one milestone (one statement)."""
    return RevotePanel(result, get_revotes(assessment_id, result.milestone), raters)
