"""Warnings: which codes a table earns, and that each is one plain sentence that blames nobody."""

from __future__ import annotations

import numpy as np
import pytest

from assess.trends import warnings
from assess.trends.observations import CompleteTable, LeftOut
from assess.trends.warnings import Code, table_warnings

SPREAD = np.linspace(1, 4, 40)


def table(clinics: int, quarters: int, left_out: int = 0) -> CompleteTable:
    return CompleteTable(
        np.ones((clinics, quarters)),
        tuple(f"C{i}" for i in range(clinics)),
        tuple(range(quarters)),
        tuple(LeftOut(f"X{i}", (1,)) for i in range(left_out)),
    )


@pytest.mark.parametrize(
    ("clinics", "quarters", "left_out", "codes"),
    [
        (20, 6, 0, []),
        (20, 6, 5, []),
        (20, 6, 6, [Code.MORE_THAN_20_PERCENT_LEFT_OUT]),
        (10, 10, 0, [Code.NOT_MORE_CLINICS_THAN_QUARTERS]),
        (9, 2, 0, [Code.FEWER_THAN_10_CLINICS]),
        (3, 3, 0, [Code.FEWER_THAN_10_CLINICS, Code.NOT_MORE_CLINICS_THAN_QUARTERS]),
        (2, 6, 0, [Code.FEWER_THAN_3_CLINICS]),
        (0, 6, 4, [Code.FEWER_THAN_3_CLINICS, Code.MORE_THAN_20_PERCENT_LEFT_OUT]),
        (4, 1, 0, []),
    ],
)
def test_counts(clinics: int, quarters: int, left_out: int, codes: list[Code]) -> None:
    assert [one.code for one in table_warnings(table(clinics, quarters, left_out), SPREAD)] == codes


@pytest.mark.parametrize(
    ("values", "scale", "starts"),
    [
        ([4.0] * 4 + [2.0, 2.5] * 8, (1, 4), ["4 of 20 values are the highest possible."]),
        ([4.0] * 3 + [2.0, 2.5] * 8 + [3.0], (1, 4), []),
        ([3.0] * 9 + [2.0, 2.5], (1, 4), []),
        ([1.0] * 4 + [2.0, 2.5, 3.0], None, ["4 of 7 values are the lowest in the table."]),
        ([1.0, 2.0, 2.5, 3.0], None, []),
        ([1.0, 2.0, 2.5, 3.0, 3.0], None, []),
        ([2.0] * 9, None, []),
        ([], None, []),
    ],
)
def test_floor_and_ceiling(
    values: list[float], scale: tuple[float, float] | None, starts: list[str]
) -> None:
    found = table_warnings(table(20, 2), np.array(values), scale)
    assert [one.code for one in found] == [Code.FLOOR_OR_CEILING] * len(starts)
    assert all(one.text.startswith(start) for one, start in zip(found, starts, strict=True))


def test_every_code_has_a_sentence_and_none_speaks_of_causes() -> None:
    found = [
        *table_warnings(table(2, 6, 4), np.array([1.0] * 5 + [2.0])),
        *table_warnings(table(4, 6), SPREAD),
        warnings.singular(), warnings.not_converged(), warnings.shared_organizations("Shared."),
        warnings.questionnaire_changed("Q1 2026"), warnings.raters_changed("Q1 2026"),
    ]  # fmt: skip
    assert {one.code for one in found} == set(Code)
    assert all(one.text.endswith(".") and "cause" not in one.text.lower() for one in found)
