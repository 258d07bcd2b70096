"""Says what a running assessment needs from a coach, and puts the most urgent first.

A rule without a database: facts in, a :class:`Need` out. It knows counts and days, never answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from assess.following import counting
from assess.models import State
from assess.quarters import Quarter

NOBODY_AFTER = timedelta(days=3)
"""How long after the opening somebody should have started."""
STUCK_AFTER = timedelta(days=7)
"""How long nobody may start or finish before rating counts as stuck."""
TALK_AFTER = timedelta(days=14)
"""How long after the ratings are shown the team should have agreed."""


class Kind(IntEnum):
    """What is the matter, the most urgent first."""

    NOBODY_LATE = 0
    LATE = 1
    NOBODY = 2
    STUCK = 3
    NOT_AGREED = 4
    READY = 5
    RATING = 6
    SHOWN = 7
    AGREED = 8
    CLOSED = 9


@dataclass(frozen=True, slots=True)
class Running:
    """What is known of one assessment from outside: days and counts.

    `by_account` have finished with an account, asked or not; `finished` by any way.
    """

    id: int
    clinic_id: int
    organization_id: int
    clinic: str
    organization: str
    questionnaire: str
    quarter: Quarter
    state: State
    opened_at: datetime
    due_on: date | None
    revealed_at: datetime | None
    asked: int
    by_account: int
    started: int
    finished: int
    last_at: datetime | None
    reminded_at: datetime | None

    @property
    def is_told(self) -> bool:
        """Whether it may be said how many have rated."""
        return counting.is_told(self.asked, self.by_account)

    @property
    def is_complete(self) -> bool:
        """Whether as many have finished as are asked; where nobody has an account none are."""
        return 0 < self.asked <= self.by_account


@dataclass(frozen=True, slots=True)
class Need:
    """What the matter is, as a word for a tag and a sentence."""

    kind: Kind
    tag: str
    words: str

    @property
    def needs_somebody(self) -> bool:
        return self.kind <= Kind.READY


@dataclass(frozen=True, slots=True)
class Followed:
    """A running assessment with what it needs."""

    running: Running
    need: Need


def follow(assessments: Iterable[Running], now: datetime) -> tuple[Followed, ...]:
    """All of them with what each needs, the most urgent first."""
    found = [Followed(one, need_of(one, now)) for one in assessments]
    return tuple(sorted(found, key=_urgency))


def need_of(one: Running, now: datetime) -> Need:
    """What this assessment needs."""
    if one.state is State.OPEN:
        return _need_while_rating(one, now)
    if one.state is State.REVEALED:
        return _need_of_the_meeting(one, now)
    if one.state is State.AGREED:
        return Need(Kind.AGREED, "Agreed", "Close it when the team is done.")
    return Need(Kind.CLOSED, "Closed", "Levels stay as they are.")


def _need_while_rating(one: Running, now: datetime) -> Need:
    late = days_late(one.due_on, now.date())
    overdue = f"The due day was {_days(late)} ago" if late else ""
    if not one.is_told:
        kind, tag = (Kind.LATE, "Late") if late else (Kind.RATING, "Rating")
        words = f"{one.asked} {'is' if one.asked == 1 else 'are'} asked."
        return Need(kind, tag, f"{overdue}. {words}" if late else words)
    if one.started == 0:
        if late:
            return Need(Kind.NOBODY_LATE, "Late", f"{overdue}, and nobody has started.")
        if now - one.opened_at >= NOBODY_AFTER:
            since = _days((now - one.opened_at).days)
            return Need(Kind.NOBODY, "Not started", f"Open for {since}, and nobody has started.")
        return Need(Kind.RATING, "Rating", "Just opened. Nobody has started yet.")
    if one.is_complete:
        words = "As many have finished as are asked. Hold the meeting."
        return Need(Kind.READY, "Ready", words)
    if late and one.finished and not one.asked:
        return Need(Kind.READY, "Ready", f"{overdue}. {_left(one)} Hold the meeting.")
    if late:
        return Need(Kind.LATE, "Late", f"{overdue}. {_left(one)}")
    quiet = now - (one.last_at or one.opened_at)
    if quiet >= STUCK_AFTER:
        words = f"Nobody has started or finished for {_days(quiet.days)}. {_left(one)}"
        return Need(Kind.STUCK, "Stuck", words)
    return Need(Kind.RATING, "Rating", _left(one))


def _need_of_the_meeting(one: Running, now: datetime) -> Need:
    since = now - (one.revealed_at or now)
    if since >= TALK_AFTER:
        words = f"Results were revealed {_days(since.days)} ago, and levels are not agreed."
        return Need(Kind.NOT_AGREED, "Not agreed", words)
    return Need(Kind.SHOWN, "Revealed", "Results are revealed. The team agrees on levels next.")


def days_late(due_on: date | None, today: date) -> int:
    """How many days ago the due day was; 0 until it is over."""
    return max((today - due_on).days, 0) if due_on else 0


def _left(one: Running) -> str:
    if not one.asked:
        if not one.finished:
            return "Some ratings are begun and not finished."
        return f"{'1 has' if one.finished == 1 else f'{one.finished} have'} finished."
    has = "1 has" if one.by_account == 1 else f"{one.by_account or 'None'} have"
    return f"{has} finished, {one.asked} are asked."


def _urgency(one: Followed) -> tuple[Kind, date, str, int]:
    due = one.running.due_on or date.max
    return (one.need.kind, due, one.running.clinic, one.running.id)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
