"""The second entry of a sheet: where two people read a form differently, and what then holds.

Whoever enters a sheet a second time does not see the first entry, only the items that differ. An
entry that differs in more than a third of the items is of another form, and shows nothing: else a
made-up second entry would lay the first one open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assess import saving, trail
from assess.answers import UNANSWERED, Answers, AnswerValue, StoredAnswer, never_given
from assess.brought_in import hold_sheet
from assess.merging import Change
from assess.models import Assessment, Rating
from assess.queries.instruments import get_instrument
from assess.queries.ratings import get_answers, get_rating_for_change
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict
from questionnaires.instrument import Instrument, Milestone

LARGEST_SHARE = 3
"""Two entries of one form may differ in one item of this many."""


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
            f"{len(found)} of {len(instrument.milestones)} answers differ from the first entry. "
            "Check that the number on the paper is the one above, and enter it again."
        )
    return found


def compare(*, rating_id: int, second: Answers) -> tuple[Difference, ...]:
    """The items in which a second entry differs; with none, the sheet is marked as compared.

    That items were shown is kept in the log. Raises AnotherForm and ComparedBefore, and as
    `hold_sheet`.
    """
    rating, assessment, found = _compared(rating_id, second)
    if found:
        shown = {"label": rating.label, "differences": len(found)}
        trail.note("rating.differences_shown", assessment, after=shown)
    return found


def settle(
    *, rating_id: int, second: Answers, chosen: Answers, person_id: int
) -> tuple[Difference, ...]:
    """Store what was chosen where the entries differ, and that the sheet was compared.

    `chosen` has an answer for each differing milestone. Raises as `compare`.
    """
    rating, assessment, found = _compared(rating_id, second)
    target = get_rating_for_change(rating_id)
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


def _compared(rating_id: int, second: Answers) -> tuple[Rating, Assessment, tuple[Difference, ...]]:
    rating, assessment = hold_sheet(rating_id)
    if rating.compared_at is not None:
        raise ComparedBefore(f"{rating.label} was entered twice before. Nothing was changed now.")
    instrument = get_instrument(assessment.questionnaire_version_id)
    return rating, assessment, differences(instrument, get_answers(rating_id), second)


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
