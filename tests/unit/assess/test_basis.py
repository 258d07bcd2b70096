"""What a score rests on reads the same wherever a score stands."""

from __future__ import annotations

import pytest

from assess.basis import basis_note, basis_words, count_note
from assess.scoring import Basis


@pytest.mark.parametrize(
    ("basis", "raters", "words"),
    [
        (Basis.AGREED, 5, "agreed by the team"),
        (Basis.RATINGS, 5, "mean of 5 ratings"),
        (Basis.RATINGS, 1, "mean of 1 rating"),
        (Basis.RATINGS, None, "mean of ratings"),
        (Basis.IMPORTED, 0, "taken over from earlier records"),
        (None, 3, ""),
    ],
)
def test_words(basis: Basis | None, raters: int | None, words: str) -> None:
    assert basis_words(basis, raters) == words


def test_quarters_of_one_basis_stand_together() -> None:
    note = basis_note(
        [
            ("Q1 2026", Basis.IMPORTED),
            ("Q2 2026", Basis.RATINGS),
            ("Q3 2026", None),
            ("Q4 2026", Basis.RATINGS),
        ]
    )
    assert note == "Q1 2026: taken over from earlier records; Q2 2026, Q4 2026: mean of ratings."


def test_one_basis_for_all_needs_no_list() -> None:
    assert basis_note([("Q1 2026", Basis.AGREED), ("Q2 2026", Basis.AGREED)]) == (
        "All scores: agreed by the team."
    )
    assert basis_note([("Q1 2026", None)]) == ""


def test_scores_of_many_clinics_are_counted_by_basis() -> None:
    note = count_note({Basis.IMPORTED: 40, Basis.RATINGS: 12, Basis.AGREED: 1_200})
    assert note == (
        "Scores: 1,200 agreed by the team, 12 mean of ratings, 40 taken over from earlier records."
    )
    assert count_note({Basis.IMPORTED: 3, Basis.AGREED: 0}) == (
        "All scores: taken over from earlier records."
    )
    assert count_note({}) == ""
