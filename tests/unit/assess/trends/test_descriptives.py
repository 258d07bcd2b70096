"""Descriptions of quarters: large offsets cost no digits, equal values have no spread at all."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assess.trends.descriptives import describe
from assess.trends.observations import Observation, Observations

VALUES = {"A": (1.125, 1.875, 2.75), "B": (2.375, 2.625, 3.125), "C": (2.0, 2.25, 2.375)}


def observations(values: Mapping[str, tuple[float, ...]], offset: float = 0.0) -> Observations:
    rows = [
        Observation(subject, time, value + offset)
        for subject, one in values.items()
        for time, value in enumerate(one, start=1)
    ]
    return Observations(tuple(rows))


def test_within_errors_of_values_around_a_billion() -> None:
    # R: y <- m - rowMeans(m); apply(y, 2, sd) * sqrt(3 / 2) / sqrt(3)
    from_r = [0.217173552376554, 0.0450051437389435, 0.23814483610392]
    near, far = describe(observations(VALUES)), describe(observations(VALUES, 1e9))
    assert [row.within_se_morey for row in near] == pytest.approx(from_r, rel=1e-12)
    assert [row.within_se_morey for row in far] == pytest.approx(from_r, rel=1e-12)


@pytest.mark.parametrize("value", [2.1, 1e9 + 0.1])
@pytest.mark.parametrize("count", [3, 7, 12])
def test_equal_values_have_an_sd_of_exactly_zero(value: float, count: int) -> None:
    (row,) = describe(observations({f"C{i}": (value,) for i in range(count)}))
    assert (row.sd, row.ci95_between_half) == (0.0, 0.0)
