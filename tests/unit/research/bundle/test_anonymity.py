"""No combination of attributes fits fewer than k clinics; nothing withheld can be worked out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.bundle.anonymity import WITHHELD, anonymize, size_band
from research.suppressing import for_files, on_pages
from tests.unit.research.bundle import studies

VALUES = st.sampled_from(["a", "b", "c", None])
PROGRAMS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=14)
NAMES = ("x", "y", "z")


def program(rows: list[tuple[str | None, ...]]) -> dict[str, dict[str, str | None]]:
    return {f"C{at}": dict(zip(NAMES, row, strict=True)) for at, row in enumerate(rows)}


@settings(max_examples=60, deadline=None)
@given(PROGRAMS, st.integers(1, 4))
def test_every_combination_fits_k_clinics(rows: list[tuple[str | None, ...]], k: int) -> None:
    clinics = program(rows)
    kept = anonymize(clinics, NAMES, k).clinics
    cells = Counter(tuple(kept[code].values()) for code in clinics)
    if len(clinics) < k:
        assert set(cells) <= {(WITHHELD,) * len(NAMES)}
    else:
        # those withheld are a cell of their own, so they are k or more as well
        assert all(count >= k for count in cells.values())
    for code, attributes in clinics.items():
        assert all(kept[code][name] in (attributes[name], WITHHELD) for name in NAMES)


def test_a_small_group_takes_another_with_it() -> None:
    rows = [("WA",)] * 4 + [("OR",)] * 3 + [("ID",)]
    clinics = {f"C{at}": {"state": row[0]} for at, row in enumerate(rows)}
    found = anonymize(clinics, ("state",), 3)
    # alone, the one in Idaho would be the only one withheld: Oregon goes with it
    assert [found.clinics[code]["state"] for code in clinics] == ["WA"] * 4 + [WITHHELD] * 4
    assert found.withheld == {"state": 4}


def test_what_is_kept_first_is_kept_longest() -> None:
    rows = [("a", "1", None), ("a", "2", None), ("b", "1", None), ("b", "2", None)]
    clinics = program(rows)
    assert anonymize(clinics, ("x", "y", "z"), 2).withheld == {"y": 4}
    assert anonymize(clinics, ("y", "x", "z"), 2).withheld == {"x": 4}


def test_an_unknown_value_is_a_value_and_stays_unknown() -> None:
    clinics: dict[str, dict[str, str | None]] = {f"C{at}": {"state": None} for at in range(3)}
    assert anonymize(clinics, ("state",), 3).clinics["C0"] == {"state": None}


def test_a_cell_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        anonymize({}, ("x",), 0)


@pytest.mark.parametrize(
    ("fte", "band"),
    [(None, None), (0.5, "fewer than 2"), (2.0, "2 to 4.9"), (9.9, "5 to 9.9"), (80, "10 or more")],
)
def test_sizes_are_bands(fte: float | None, band: str | None) -> None:
    assert size_band(fte) == band


def test_files_say_what_the_page_says_and_the_size_where_that_is_safe() -> None:
    clinics = [studies.clinic(number) for number in range(1, 11)]
    files = for_files(clinics)
    for one in clinics:
        page = on_pages(one, files[one.id])
        for name in ("setting", "state", "ehr"):
            told = files[one.id][name]
            assert page[name] == (None if told == WITHHELD else told)
        assert files[one.id]["organization"] == one.organization_code
    assert Counter(tuple(said.values()) for said in files.values()) == {
        ("O01", WITHHELD, "WA", "Epic", WITHHELD): 5,
        ("O02", WITHHELD, WITHHELD, "Epic", WITHHELD): 5,
    }
