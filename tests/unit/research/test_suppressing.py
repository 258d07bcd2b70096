"""No choice of attributes, and no difference of two, may leave only one or two clinics."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from research.selection import ATTRIBUTES
from research.suppressing import SMALLEST_CELL, withhold

VALUES = ("a", "b", "c", None)


def clinic_of(number: int) -> dict[str, str | None]:
    """A clinic by a number of four digits to the base of four: quicker to draw than attributes."""
    return {name: VALUES[number // 4**at % 4] for at, name in enumerate(ATTRIBUTES)}


programs = st.lists(st.integers(0, 255).map(clinic_of), max_size=25)


@given(programs)
def test_every_combination_that_shows_is_shared(clinics: list[dict[str, str | None]]) -> None:
    shown = withhold(dict(enumerate(clinics)))
    sizes = Counter(tuple(found[name] for name in ATTRIBUTES) for found in shown.values())
    if len(clinics) >= SMALLEST_CELL:
        assert all(size >= SMALLEST_CELL for size in sizes.values())
    else:
        assert all(value is None for found in shown.values() for value in found.values())


@given(programs)
def test_what_shows_is_true(clinics: list[dict[str, str | None]]) -> None:
    for key, found in withhold(dict(enumerate(clinics))).items():
        assert found.keys() == set(ATTRIBUTES)
        assert all(value in (None, clinics[key][name]) for name, value in found.items())


def test_large_groups_keep_their_attributes_and_a_small_one_takes_the_next_with_it() -> None:
    def clinic(organization: str) -> dict[str, str | None]:
        return dict.fromkeys(ATTRIBUTES) | {"organization": organization}

    program = dict(enumerate([clinic("1")] * 4 + [clinic("2")] * 3))
    assert Counter(one["organization"] for one in withhold(program).values()) == {"1": 4, "2": 3}
    # one clinic of a third organization: without company the rest would be that very clinic
    program[7] = clinic("3")
    assert Counter(one["organization"] for one in withhold(program).values()) == {"1": 4, None: 4}
