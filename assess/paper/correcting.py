"""Mends a wrong key in a stored paper form without showing what is stored.

Whoever corrects sees neither the old answer nor whether it was different, and corrections are few:
else one could overwrite most of a form and let a second entry (assess.paper.comparing) tell the
rest.
"""

from __future__ import annotations

from datetime import timedelta

from assess import trail
from assess.answers import AnswerValue, StoredAnswer, never_given
from assess.brought_in.bringing import hold_sheet
from assess.queries.ratings import get_answers
from assess.rating import saving
from assess.rating.holding import hold_rating
from assess.rating.merging import Change
from core.errors import Conflict
from core.throttling import Limit, TooManyTries
from questionnaires.instrument import Milestone

# longer than any assessment is open
CORRECTIONS = Limit("paper correction", 3, timedelta(days=400))
"""Corrections of one form; with more mistakes it is quicker to key it in again."""


class NotCorrectable(Conflict):
    """It is quicker, or the only way, to key the form in again."""

    title = "Key this form in again"


def correct(
    *, rating_id: int, milestone: Milestone, value: AnswerValue, person_id: int | None
) -> None:
    """Let this answer stand for what was keyed in; the old one stays in the history.

    Does the same whether the answer differs or not. Raises NotCorrectable, and as `hold_sheet`.
    """
    rating, assessment = hold_sheet(rating_id)
    if rating.source != "paper":
        raise NotCorrectable("This one came from a file. Remove it, and bring in the mended file.")
    try:
        CORRECTIONS.check(str(rating_id))
    except TooManyTries as error:
        raise NotCorrectable(
            f"{rating.label} was corrected {CORRECTIONS.allowed} times. "
            "Remove it from the list, and key it in again."
        ) from error
    answers = get_answers(rating_id)
    others = (one.value.answered for key, one in answers.items() if key != milestone.key)
    if not value.answered and not any(others):
        raise NotCorrectable("No answer would be left. Remove the form from the list.")
    CORRECTIONS.count(str(rating_id))
    old = answers.get(milestone.key) or never_given(milestone.key)
    new = StoredAnswer(milestone.key, value, old.note, old.revision + 1)
    target = hold_rating(rating_id)
    saving.store_changes(target, [Change(old, new)], person_id, None)
    kept = {"label": rating.label, "item": milestone.number}
    trail.note("rating.corrected", assessment, after=kept)
