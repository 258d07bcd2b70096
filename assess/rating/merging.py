"""Decides what a batch of sent answers does to the stored ones, without a database.

DESIGN's autosave contract: repeating a request changes nothing; an answer that builds on an older
revision and says something else is a conflict, and the rest of its batch is saved all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assess.answers import (
    NOTE_LIMIT,
    AnswerState,
    SentAnswer,
    StoredAnswer,
    never_given,
)
from core.identifiers import Identifier, mark_of, new_identifiers, warning
from questionnaires.instrument import Instrument, Milestone


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one sent answer cannot be stored, and its fix; field: "level", "note" or "milestone".

    With `keep`, sending the answer again with this mark stores its note all the same.
    """

    milestone: str
    field: str
    message: str
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that changes, from what stands to what comes."""

    old: StoredAnswer
    new: StoredAnswer


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that was changed elsewhere in the meantime: what was sent and what stands."""

    sent: SentAnswer
    stored: StoredAnswer


@dataclass(frozen=True, slots=True)
class Merge:
    """What to store (`changes`), what to tell the page (`revisions`) and where it must choose."""

    changes: tuple[Change, ...]
    revisions: Mapping[str, int]
    clashes: tuple[Clash, ...]


def find_problems(instrument: Instrument, sent: Sequence[SentAnswer]) -> tuple[Problem, ...]:
    """Everything about the sent answers that the questionnaire does not allow."""
    known = {milestone.key: milestone for milestone in instrument.milestones}
    problems: list[Problem] = []
    seen: set[str] = set()
    for answer in sent:
        milestone = known.get(answer.milestone)
        if milestone is None:
            message = "This questionnaire has no such milestone. Reload the page."
            problems.append(Problem(answer.milestone, "milestone", message))
            continue
        if answer.milestone in seen:
            message = f"“{milestone.title}” was sent twice. Send it once."
            problems.append(Problem(answer.milestone, "milestone", message))
        seen.add(answer.milestone)
        problems.extend(_problems_of(milestone, answer))
    return tuple(problems)


def suspicious_notes(
    sent: Sequence[SentAnswer], stored: Mapping[str, StoredAnswer], today: date
) -> Mapping[str, tuple[Identifier, ...]]:
    """By milestone, what looks like a patient's identifier in a note and did not stand there."""
    found = {}
    for answer in sent:
        now = stored.get(answer.milestone)
        new = new_identifiers(answer.note or "", now.note if now else "", today=today)
        if new:
            found[answer.milestone] = new
    return found


def identifier_problems(
    sent: Sequence[SentAnswer], suspicious: Mapping[str, tuple[Identifier, ...]]
) -> tuple[Problem, ...]:
    """A problem for each suspicious note whose author has not said that it is to be kept."""
    return tuple(
        Problem(one.milestone, "note", warning(found), keep=mark_of(found))
        for one in sent
        if (found := suspicious.get(one.milestone)) and one.keep != mark_of(found)
    )


def note_problem(note: str) -> str | None:
    """What is wrong with an evidence note: how many characters it is over the limit."""
    over = len(note) - NOTE_LIMIT
    if over <= 0:
        return None
    characters = "1 character" if over == 1 else f"{over:,} characters"
    return f"Your note is {characters} too long. Shorten it to {NOTE_LIMIT:,} characters."


def merge(
    sent: Sequence[SentAnswer],
    stored: Mapping[str, StoredAnswer],
    replayed: Mapping[str, StoredAnswer],
) -> Merge:
    """Compare what was sent with what stands.

    `replayed` holds what an earlier request with the same idempotency key stored: an answer that
    repeats it is reported as saved at that revision, whatever has happened since.
    """
    changes: list[Change] = []
    clashes: list[Clash] = []
    revisions: dict[str, int] = {}
    for answer in sent:
        now = stored.get(answer.milestone) or never_given(answer.milestone)
        before = replayed.get(answer.milestone)
        if before and answer.says_the_same_as(before.value, before.note):
            revisions[answer.milestone] = before.revision
        elif answer.says_the_same_as(now.value, now.note):
            revisions[answer.milestone] = now.revision
        elif answer.revision != now.revision:
            clashes.append(Clash(answer, now))
        else:
            note = now.note if answer.note is None else answer.note
            new = StoredAnswer(answer.milestone, answer.value, note, now.revision + 1)
            changes.append(Change(now, new))
            revisions[answer.milestone] = new.revision
    return Merge(tuple(changes), revisions, tuple(clashes))


def _problems_of(milestone: Milestone, answer: SentAnswer) -> list[Problem]:
    problems = []
    value, scale = answer.value, milestone.scale
    if value.value is not None and value.value not in scale:
        message = (
            f"{value.value} is not a level of “{milestone.title}”. "
            f"Choose a level from {scale.minimum} to {scale.maximum}."
        )
        problems.append(Problem(milestone.key, "level", message))
    if value.state is AnswerState.NOT_APPLICABLE and not milestone.na_allowed:
        message = f"“{milestone.title}” applies to every clinic. Choose a level or “Don't know”."
        problems.append(Problem(milestone.key, "level", message))
    if answer.note is not None and (wrong := note_problem(answer.note)):
        problems.append(Problem(milestone.key, "note", wrong))
    return problems
