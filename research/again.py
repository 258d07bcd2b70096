"""Reads and compares the same raters with all raters of some clinics."""

from __future__ import annotations

from collections.abc import Sequence

from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from research.queries.raters import MOST_CLINICS, get_answers, list_sheets
from research.raters import SameRaters, changed_raters, compare, rated_again


def compare_raters(
    clinic_ids: Sequence[int],
    questionnaire: str,
    score: str,
    times: Sequence[Quarter | int],
    *,
    smallest: int = 1,
) -> SameRaters:
    """The same raters beside all, over clinics; none below `smallest` clinics.

    Two statements at most. Nothing for waves, which mix quarters, and for very large programs.
    """
    quarters = [time for time in times if isinstance(time, Quarter)]
    if len(quarters) < 2 or len(clinic_ids) > MOST_CLINICS:
        return SameRaters()
    sheets = list_sheets(clinic_ids, questionnaire)
    pairs = [one for one in rated_again(sheets) if one.before in quarters and one.after in quarters]
    needed = frozenset().union(*(one.ratings for one in pairs)) if pairs else frozenset()
    versions = {
        sheet.rating_id: get_instrument(sheet.version_id)
        for sheet in sheets
        if sheet.rating_id in needed
    }
    return SameRaters(
        compare(pairs, quarters, get_answers(needed), versions, score, smallest=smallest),
        changed_raters(sheets, quarters),
    )
