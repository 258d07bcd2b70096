"""Who says that they are at the meeting: people with an account by name, devices by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assess.meeting.holding import find_meeting, hold_discussed
from assess.meeting.state import MeetingEnded
from assess.raters import Rater
from core.db import db
from core.lists import listed

_PERSON, _DEVICE = "person", "device"


@dataclass(frozen=True, slots=True)
class Present:
    """Names in order, and how many more said so on a device without an account."""

    names: tuple[str, ...] = ()
    devices: int = 0

    def __bool__(self) -> bool:
        return bool(self.names or self.devices)

    @property
    def words(self) -> str:
        """ "Ana Lopez, Bo Ito and 3 without an account"; empty when nobody said so."""
        others = (f"{self.devices} without an account",) if self.devices else ()
        return listed(self.names + others)


def note_presence(*, assessment_id: int, rater: Rater, is_here: bool) -> None:
    """Let the minutes say that somebody was there, or no longer say so; again changes nothing.

    Only the agenda shows it, which looks each minute: no screen has to load anything for it. Raises
    NotFound, NotRevealed, AssessmentClosed, MeetingEnded.
    """
    meeting = find_meeting(hold_discussed(assessment_id).id)
    if meeting is None or meeting.ended_at is not None:
        raise MeetingEnded("Who was there can be said while the meeting runs.")
    mark = mark_of(rater)
    others = [one for one in meeting.present if one != mark]
    meeting.present = [*others, mark] if is_here else others
    db.session.flush()


def mark_of(rater: Rater) -> str:
    """How the meeting remembers somebody: "person:7" or, by their rating, "device:31"."""
    if rater.person_id is not None:
        return f"{_PERSON}:{rater.person_id}"
    return f"{_DEVICE}:{rater.rating_id}"


def people_of(present: Iterable[str]) -> list[int]:
    """The ids of the people with an account among those who said so."""
    return [int(one.partition(":")[2]) for one in present if one.startswith(_PERSON)]


def devices_of(present: Sequence[str]) -> int:
    """How many said so without an account."""
    return sum(one.startswith(_DEVICE) for one in present)


def attendance_words(line: str, present: Present) -> str:
    """Who was there, for the minutes: the names, then what the facilitator wrote."""
    return ". ".join(one for one in (present.words, line) if one)
