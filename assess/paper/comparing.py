"""The second entry of a sheet: where two people read a form differently, and what then holds.

Whoever enters a sheet a second time never sees the first entry, only which items differ. An entry
that differs in more than a third of the items is of another form, and shows nothing, not even how
many differ. Tries are few: else made-up second entries would lay the first one open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from assess import trail
from assess.answers import UNANSWERED, Answers, AnswerValue, StoredAnswer, never_given
from assess.brought_in.bringing import hold_sheet
from assess.models import Assessment, Rating
from assess.queries.instruments import get_instrument
from assess.queries.ratings import get_answers
from assess.rating import saving
from assess.rating.holding import hold_rating
from assess.rating.merging import Change
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict
from core.throttling import Limit, TooManyTries
from questionnaires.instrument import Instrument, Milestone

LARGEST_SHARE = 3
"""Two entries of one form may differ in one item of this many."""

# longer than any assessment is open
TRIES = Limit("second entry", 3, timedelta(days=400))
"""Different second entries of one sheet."""
_SAME = Limit("same second entry", 1, TRIES.window)


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that the two entries do not share."""

    milestone: Milestone
    first: AnswerValue
    second: AnswerValue


class AnotherForm(BlockwiseError):
    """The two entries have too little in common to be of one form."""

    status = 422
    title = "This looks like another form"


class ComparedBefore(Conflict):
    """A sheet is compared once."""

    title = "This form is compared already"


class OnlyPaper(Conflict):
    """What came from a file was typed by no one, so there is nothing to enter twice."""

    title = "Only paper forms are entered twice"


class TriedTooOften(Conflict):
    """Nobody mistypes a form that often; a first entry is not to be guessed."""

    title = "This form was entered again too often"


def differences(
    instrument: Instrument, first: Mapping[str, StoredAnswer], second: Answers
) -> tuple[Difference, ...]:
    """The items that differ, in the order of the form; empty and unanswered are the same.

    Raises AnotherForm when they are too many.
    """
    pairs = (
        (one, _value(first.get(one.key)), second.get(one.key, UNANSWERED))
        for one in instrument.milestones
    )
    found = tuple(Difference(one, was, now) for one, was, now in pairs if was != now)
    if len(found) * LARGEST_SHARE > len(instrument.milestones):
        raise AnotherForm(
            "Too many answers differ from the first entry. "
            "Check that the number on the paper is the one above, and enter it again."
        )
    return found


def compare(*, rating_id: int, second: Answers) -> tuple[Difference, ...]:
    """The items in which a second entry differs.

    Counts as one of the tries, also when it raises AnotherForm: the caller keeps the transaction.
    That items were shown, or refused, is kept in the log. Raises AnotherForm, ComparedBefore,
    OnlyPaper, TriedTooOften, and as `hold_sheet`.
    """
    rating, assessment = _comparable(rating_id)
    is_new = _count_try(rating_id, second)
    try:
        found = _differences(rating, assessment, second)
    except AnotherForm:
        if is_new:
            trail.note("rating.second_entry_refused", assessment, after={"label": rating.label})
        raise
    if found and is_new:
        shown = {"label": rating.label, "differences": len(found)}
        trail.note("rating.differences_shown", assessment, after=shown)
    return found


def settle(
    *, rating_id: int, second: Answers, chosen: Answers, person_id: int
) -> tuple[Difference, ...]:
    """Store what was chosen where the entries differ, and that the sheet was compared.

    `chosen` has an answer for each differing milestone. Raises as `compare`, which comes first.
    """
    rating, assessment = _comparable(rating_id)
    found = _differences(rating, assessment, second)
    target = hold_rating(rating_id)
    changes = _changes(get_answers(rating_id), found, chosen)
    if changes:
        saving.store_changes(target, changes, person_id, None)
    rating.compared_at = clock.now()
    rating.compared_by = person_id
    rating.differences = len(found)
    db.session.flush()
    kept = {"label": rating.label, "differences": len(found)}
    trail.note("rating.compared", assessment, after=kept)
    return found


def _comparable(rating_id: int) -> tuple[Rating, Assessment]:
    rating, assessment = hold_sheet(rating_id)
    if rating.source != "paper":
        raise OnlyPaper("This one came from a file. If it is wrong, remove it.")
    if rating.compared_at is not None:
        raise ComparedBefore(f"{rating.label} was entered twice before. Nothing was changed now.")
    return rating, assessment


def _differences(rating: Rating, assessment: Assessment, second: Answers) -> tuple[Difference, ...]:
    instrument = get_instrument(assessment.questionnaire_version_id)
    return differences(instrument, get_answers(rating.id), second)


def _count_try(rating_id: int, second: Answers) -> bool:
    """Whether this is a try of its own: the same entry, sent again with its choices, is none."""
    said = sorted((key, one.state.value, one.value) for key, one in second.items() if one.answered)
    this = f"{rating_id} {said}"
    try:
        _SAME.check(this)
    except TooManyTries:
        return False
    try:
        TRIES.check(str(rating_id))
    except TooManyTries as error:
        raise TriedTooOften(
            "Leave the first entry as it is. Or remove the form and key it in again."
        ) from error
    TRIES.count(str(rating_id))
    _SAME.count(this)
    return True


def _changes(
    stored: Mapping[str, StoredAnswer], found: Sequence[Difference], chosen: Answers
) -> list[Change]:
    changes = []
    for one in found:
        key = one.milestone.key
        if chosen[key] == one.first:
            continue
        old = stored.get(key) or never_given(key)
        changes.append(Change(old, StoredAnswer(key, chosen[key], old.note, old.revision + 1)))
    return changes


def _value(stored: StoredAnswer | None) -> AnswerValue:
    return stored.value if stored else UNANSWERED
