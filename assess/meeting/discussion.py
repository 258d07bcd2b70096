"""The agenda as the team works through it: what is agreed, what waits, and where it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from assess.findings import MilestoneResult
from assess.meeting.agenda import is_unanimous, split_levels, suggested_level
from assess.meeting.pace import Pace
from assess.queries.agreements import Agreement
from assess.queries.meetings import MeetingState, Parked
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Item:
    """One milestone on the agenda."""

    result: MilestoneResult
    block_title: str
    agreed: Agreement | None
    parked: Parked | None

    @property
    def key(self) -> str:
        return self.result.milestone.key

    @property
    def title(self) -> str:
        return self.result.milestone.title

    @property
    def is_open(self) -> bool:
        """Whether the talk about it is still ahead, and it was not put off."""
        return self.agreed is None and self.parked is None

    @property
    def suggested(self) -> int | None:
        return suggested_level(self.result)

    @property
    def split(self) -> tuple[int, ...]:
        return split_levels(self.result)


@dataclass(frozen=True, slots=True)
class Discussion:
    """All milestones in the order to talk about them; `meeting` is None before it began.

    `since` names the quarter that earlier levels are from, `raters` is how many ratings count.
    """

    items: tuple[Item, ...]
    meeting: MeetingState | None
    since: str
    raters: int

    def item(self, key: str) -> Item:
        """The milestone of this key. Raises NotFound."""
        for item in self.items:
            if item.key == key:
                return item
        raise NotFound("This questionnaire has no such milestone. Choose one from the agenda.")

    def place(self, item: Item) -> int:
        """Its number on the agenda, from 1."""
        return self.items.index(item) + 1

    def before(self, item: Item) -> Item | None:
        place = self.items.index(item)
        return self.items[place - 1] if place else None

    def after(self, item: Item) -> Item | None:
        return next(iter(self.items[self.items.index(item) + 1 :]), None)

    def onward(self, item: Item | None = None) -> list[Item]:
        """What is open after an item, going round past the end; without one from the top."""
        place = self.items.index(item) + 1 if item else 0
        return [one for one in self.items[place:] + self.items[:place] if one.is_open]

    def following(self, item: Item | None = None) -> Item | None:
        """The next open one."""
        return next((one for one in self.onward(item) if one is not item), None)

    @property
    def is_running(self) -> bool:
        return self.meeting is not None and self.meeting.is_running

    @property
    def at(self) -> Item | None:
        """The milestone at which a running meeting stands; None on the agenda."""
        if self.meeting is None or not self.is_running or self.meeting.milestone is None:
            return None
        return self.item(self.meeting.milestone)

    @property
    def next_up(self) -> Item | None:
        """What to talk about next: where the meeting stands, what is open, then what was parked."""
        at = self.at
        if at is not None and at.agreed is None:
            return at
        return self.following() or next(iter(self.parked), None)

    @property
    def version(self) -> int:
        return self.meeting.version if self.meeting else 0

    @property
    def undecided(self) -> list[Item]:
        return [one for one in self.items if one.agreed is None]

    @property
    def parked(self) -> list[Item]:
        """What was put off and is not agreed since, longest first."""
        waiting = [(one.parked.parked_at, one) for one in self.undecided if one.parked]
        return [one for _, one in sorted(waiting, key=lambda pair: pair[0])]

    @property
    def unanimous(self) -> list[Item]:
        """What is undecided although everybody rated it the same."""
        return [one for one in self.undecided if is_unanimous(one.result)]

    @property
    def progress_words(self) -> str:
        """How far the team is: "7 of 26 milestones agreed"."""
        left, total = len(self.undecided), len(self.items)
        if not left:
            return f"All {total} milestones are agreed"
        return f"{total - left} of {total} milestones agreed"

    @property
    def pace(self) -> Pace | None:
        """How the time goes on while the meeting runs; None when no end was planned."""
        meeting = self.meeting
        if meeting is None or not self.is_running:
            return None
        if meeting.plan_left is None or meeting.planned_each is None:
            return None
        return Pace(len(self.undecided), meeting.plan_left, meeting.planned_each)
