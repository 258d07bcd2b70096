"""What the minutes of a meeting say, as values for the page and the PDF alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from assess.answers import AnswerValue
from assess.findings import BlockResult, MilestoneResult, Results
from assess.meeting.spread import Spread
from assess.models import State
from assess.quarters import Quarter
from assess.scoring import Basis


@dataclass(frozen=True, slots=True)
class Step:
    """Something done with the assessment as a whole; `by` is empty when nobody is known."""

    words: str
    at: datetime
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Raters:
    """Finished ratings by where they came from, and by job role where groups are large enough."""

    total: int
    sources: tuple[tuple[str, int], ...]
    roles: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Gathering:
    """The meeting itself; without one the team may still have recorded levels."""

    started_at: datetime
    ended_at: datetime | None
    led_by: str
    attendance: str


@dataclass(frozen=True, slots=True)
class Said:
    """A level the team agreed on, and who wrote it down."""

    value: AnswerValue
    rationale: str
    dissent: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """A milestone the team put off, with what it waits for."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MilestoneMinutes:
    """One milestone: the ratings before the talk, votes after it, and what the team agreed on.

    `earlier` are the levels it changed its mind about, oldest first.
    """

    result: MilestoneResult
    agreed: Said | None
    earlier: tuple[Said, ...]
    votes: tuple[Spread, ...]
    parked: Parked | None

    @property
    def has_more(self) -> bool:
        """Whether there is anything to say beside the levels."""
        said = self.agreed and (self.agreed.rationale or self.agreed.dissent)
        return bool(said or self.earlier or self.votes or self.parked or self.result.notes)


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything the minutes say; `blocks` in the questionnaire's order."""

    organization: str
    clinic: str
    is_demo: bool
    quarter: Quarter
    questionnaire: str
    language: str
    state: State
    due_on: date | None
    results: Results
    steps: tuple[Step, ...]
    raters: Raters
    gathering: Gathering | None
    blocks: tuple[tuple[BlockResult, tuple[MilestoneMinutes, ...]], ...]

    @property
    def milestones(self) -> tuple[MilestoneMinutes, ...]:
        return tuple(one for _, milestones in self.blocks for one in milestones)

    @property
    def agreed(self) -> int:
        return sum(one.agreed is not None for one in self.milestones)

    @property
    def parked(self) -> tuple[MilestoneMinutes, ...]:
        return tuple(one for one in self.milestones if one.parked and not one.agreed)

    @property
    def scribe(self) -> str:
        """Who wrote down all levels; empty when several people did, or nobody is known."""
        names = {one.agreed.by for one in self.milestones if one.agreed}
        return names.pop() if len(names) == 1 else ""

    @property
    def is_draft(self) -> bool:
        """Whether the team is still at it."""
        return self.state is State.REVEALED

    @property
    def title(self) -> str:
        return f"Minutes {self.quarter.label}, {self.clinic}"

    @property
    def headline(self) -> str:
        """The one sentence to read first."""
        total = len(self.milestones)
        if self.results.basis is Basis.IMPORTED and not self.raters.total:
            return "These scores were taken over from earlier records. There was no meeting here."
        if not self.agreed and self.state is State.CLOSED:
            return "The assessment was closed before the team agreed on a level."
        if not self.agreed:
            return "The team has not agreed on a level yet."
        count = f"all {total}" if self.agreed == total else f"{self.agreed} of {total}"
        sentence = f"The team agreed on {count} milestones."
        if parked := len(self.parked):
            sentence += f" {parked} {'is' if parked == 1 else 'are'} parked."
        return sentence

    @property
    def as_of(self) -> datetime:
        """When anything the minutes tell of happened last: the date of the document."""
        moments = [one.at for one in self.steps]
        for one in self.milestones:
            moments += [said.at for said in (one.agreed, one.parked, *one.earlier) if said]
        if self.gathering:
            moments.append(self.gathering.ended_at or self.gathering.started_at)
        return max(moments)
