"""No choice of attributes, and no difference of two, may leave only one or two clinics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from research.bundle.anonymity import WITHHELD
from research.selection import ATTRIBUTES
from research.study import StudiedClinic
from research.suppressing import SMALLEST_CELL, for_files, on_pages
from tests.unit.research.bundle import studies

VALUES = ("a", "b", "c", None)
Attributes = Mapping[str, str | None]


def clinic_of(number: int) -> dict[str, str | None]:
    """A clinic by a number of four digits to the base of four: quicker to draw than attributes."""
    return {name: VALUES[number // 4**at % 4] for at, name in enumerate(ATTRIBUTES)}


programs = st.lists(st.integers(0, 255).map(clinic_of), max_size=25)


def studied(key: int, attributes: Attributes) -> StudiedClinic:
    organization = VALUES.index(attributes["organization"])
    return replace(
        studies.clinic(1),
        id=key,
        organization_id=8 + organization,  # 9 and 10: as text, the other way round
        organization_code=f"O{organization:02d}",
        setting=attributes["setting"],
        state=attributes["state"],
        ehr=attributes["ehr"],
        clinician_fte=None,
    )


def shown(clinics: Sequence[StudiedClinic]) -> dict[int, Attributes]:
    files = for_files(clinics)
    return {one.id: on_pages(one, files[one.id]) for one in clinics}


def all_studied(clinics: Sequence[Attributes]) -> list[StudiedClinic]:
    return [studied(key, one) for key, one in enumerate(clinics)]


@given(programs)
def test_every_combination_that_shows_is_shared(clinics: list[Attributes]) -> None:
    found = shown(all_studied(clinics))
    sizes = Counter(tuple(one[name] for name in ATTRIBUTES) for one in found.values())
    if len(clinics) >= SMALLEST_CELL:
        assert all(size >= SMALLEST_CELL for size in sizes.values())
    else:
        assert all(value is None for one in found.values() for value in one.values())


@given(programs)
def test_what_shows_is_true_and_the_same_in_files(clinics: list[Attributes]) -> None:
    program = all_studied(clinics)
    files = for_files(program)
    for one, found in zip(program, shown(program).values(), strict=True):
        assert found.keys() == set(ATTRIBUTES)
        for name, value in found.items():
            assert value in (None, one.own_attributes[name])
            told = files[one.id][name]
            if told == WITHHELD:
                assert value is None
            else:
                assert told == (one.organization_code if name == "organization" else value)


@given(programs, programs, st.booleans())
def test_no_clinic_hides_among_clinics_that_are_known(
    clinics: list[Attributes], others: list[Attributes], named: bool
) -> None:
    known = [
        replace(studied(1000 + key, one), is_demo=not named, is_named=named)
        for key, one in enumerate(others)
    ]
    alone, together = all_studied(clinics), [*all_studied(clinics), *known]
    files = for_files(together)
    assert for_files(alone) == {one.id: files[one.id] for one in alone}
    if named:
        found = shown(together)
        assert all(found[one.id] == one.own_attributes for one in known)


def test_large_groups_keep_their_attributes_and_a_small_one_takes_the_next_with_it() -> None:
    def clinic(organization: str) -> Attributes:
        return dict.fromkeys(ATTRIBUTES) | {"organization": organization}

    def organizations(clinics: Sequence[Attributes]) -> Counter[str | None]:
        return Counter(one["organization"] for one in shown(all_studied(clinics)).values())

    program = [clinic("a")] * 4 + [clinic("b")] * 3
    assert organizations(program) == {"8": 4, "9": 3}
    # one clinic of a third organization: without company the rest would be that very clinic
    assert organizations([*program, clinic("c")]) == {"8": 4, None: 4}
