"""What is worth a second look before a rater's column comes in; hints, which never block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assess.excel.files import RaterColumn
from assess.excel.layout import Subject

SHARE_OF_A_SHEET = 0.5
"""Sheets with fewer answers say too little to be compared; that is then the remark."""


def remarks_on(
    columns: Sequence[RaterColumn], *, subject: Subject, before: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """Remarks for each column; `before` are the labels of what came before, by origin."""
    items = len(subject.instrument.milestones)
    first: dict[tuple[tuple[str, object], ...], RaterColumn] = {}
    found = []
    for one in columns:
        said: list[str] = []
        if one.answered < SHARE_OF_A_SHEET * items:
            said.append(f"Only {one.answered} of {items} items have an answer.")
        else:
            twin = first.setdefault(tuple(sorted(one.answers.items(), key=lambda x: x[0])), one)
            if twin is not one:
                said.append(f"The same answers as {twin.label}.")
            if _all_at_the_top(one, subject):
                said.append("The highest level everywhere.")
        earlier = next((label for at, label in before.items() if at.startswith(one.place)), None)
        if earlier:
            said.append(
                f"This column of the same download came before as {earlier}, with other content. "
                "Is it the same person? Then remove that one first."
            )
        found.append(tuple(said))
    return found


def _all_at_the_top(column: RaterColumn, subject: Subject) -> bool:
    levels = [
        (value.value, subject.instrument.milestone(key).scale.maximum)
        for key, value in column.answers.items()
        if value.value is not None
    ]
    return bool(levels) and all(value == highest for value, highest in levels)
