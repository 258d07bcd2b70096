"""What one person can say about one milestone, so that every part of Blockwise means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.unprintable import without_controls
from questionnaires.instrument import Scale

NOTE_LIMIT = 2000
"""Longest evidence note, in characters."""


class AnswerState(StrEnum):
    """The four things an answer can be; only LEVEL carries a number."""

    LEVEL = "level"
    NOT_APPLICABLE = "not_applicable"
    DONT_KNOW = "dont_know"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """One answer: a level of the milestone's scale, or one of the three states without a level.

    Raises ValueError when the level is missing from LEVEL or present on another state.
    """

    state: AnswerState
    value: int | None = None

    def __post_init__(self) -> None:
        if (self.state is AnswerState.LEVEL) is not (self.value is not None):
            raise ValueError(f"{self.state.value} does not go with the level {self.value}")

    @classmethod
    def level(cls, value: int) -> AnswerValue:
        """The answer that stands at this level."""
        return cls(AnswerState.LEVEL, value)

    @property
    def answered(self) -> bool:
        """Whether the person said anything at all; "don't know" counts, silence does not."""
        return self.state is not AnswerState.UNANSWERED


NOT_APPLICABLE = AnswerValue(AnswerState.NOT_APPLICABLE)
DONT_KNOW = AnswerValue(AnswerState.DONT_KNOW)
UNANSWERED = AnswerValue(AnswerState.UNANSWERED)

WORDS = {
    AnswerState.NOT_APPLICABLE: "Doesn’t apply to us",
    AnswerState.DONT_KNOW: "Don’t know",
    AnswerState.UNANSWERED: "Not answered",
}

Answers = Mapping[str, AnswerValue]
"""One rater's (or the team's) answers by milestone key; a missing key means unanswered."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it stands; `revision` grows by one with every change, 0 means never given."""

    milestone: str
    value: AnswerValue
    note: str
    revision: int


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """An answer as a page sends it, with the revision the page had seen.

    A note of None leaves the stored note as it is. `keep` is the mark (core.identifiers) of what
    looks like a patient's identifier in the note and is none, as its author says.
    """

    milestone: str
    value: AnswerValue
    note: str | None
    revision: int
    keep: str = ""

    def says_the_same_as(self, value: AnswerValue, note: str) -> bool:
        """Whether storing it would change nothing."""
        return self.value == value and self.note in (None, note)


def never_given(milestone: str) -> StoredAnswer:
    """What stands where nobody has answered yet."""
    return StoredAnswer(milestone, UNANSWERED, "", 0)


def words(value: AnswerValue, scale: Scale) -> str:
    """How a page says it: "3 Partly in place", "Don't know"."""
    if value.value is None:
        return WORDS[value.state]
    return f"{value.value} {scale.label(value.value)}"


def clean_note(text: str) -> str:
    """The note as it is stored: newlines of one kind, nothing a database or page would choke on."""
    note = without_controls(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    # JSON may smuggle in half a surrogate pair, which has no UTF-8 form
    return note.encode("utf-8", "replace").decode("utf-8")
