"""The program's spread shows when nobody can take their own clinics out of it."""

from __future__ import annotations

import pytest

from research.quartiles import Quartiles, quartiles_of


@pytest.mark.parametrize(
    ("owners", "shown"),
    [
        ("aaaaa", False),
        ("aaaaaa", True),  # one organization: nobody else is in it
        ("aaaaab", False),  # a coach of the first would find the sixth clinic's score
        ("aaaabb", False),
        ("aaabbb", True),
        ("aaaabc", False),
        ("aaabbc", True),
        ("abcdef", True),
    ],
)
def test_it_shows_when_every_organization_leaves_enough_others(owners: str, shown: bool) -> None:
    scores = [(owner, 1.0 + place / 10) for place, owner in enumerate(owners)]
    found = quartiles_of(scores)
    assert found == (Quartiles(1.1, 1.2, 1.4, 6) if shown else None)
