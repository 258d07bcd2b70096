"""The interval of partial eta squared: R's digits, and the exact distribution beside them."""

from __future__ import annotations

import pytest
from scipy import special

from assess.trends.noncentral import partial_eta2_interval


@pytest.mark.parametrize(
    ("F", "df1", "df2", "expected"),
    # R: g <- function(q) pf(F, df1, df2, ncp = q) - pr; q <- uniroot(g, c(0, hi), tol = 1e-10)$root
    #    q / (q + df2) for pr = .95 and .05. The exact limits differ from the seventh digit on.
    [
        (3.75331881416166935, 2, 600, (0.00087855396371386415, 0.02910508923976634285)),
        (21.87658794773787108, 2, 2, (0.13111521191171696204, 0.98540350920984920435)),
        (2.78534667365845356, 3, 57, (0.00036025696326597744, 0.24498482754415831786)),
        (5.72850494641492780, 3, 6, (0.09486362744433492200, 0.87224055926275922968)),
    ],
)
def test_agrees_with_r(F: float, df1: int, df2: int, expected: tuple[float, float]) -> None:
    assert partial_eta2_interval(F, df1, df2) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("F", "df1", "df2"), [(1.7, 5, 95), (40.0, 3, 78), (900.0, 7, 133)])
def test_the_limits_put_f_at_the_tails_but_for_a_billionth(F: float, df1: int, df2: int) -> None:
    for limit, probability in zip(
        partial_eta2_interval(F, df1, df2) or (), (0.95, 0.05), strict=True
    ):
        if limit > 0:
            ncp = df2 * limit / (1 - limit)
            assert special.ncfdtr(df1, df2, ncp, F) == pytest.approx(probability, abs=2e-9)


def test_no_effect_has_a_limit_of_zero_and_an_endless_one_no_interval() -> None:
    assert partial_eta2_interval(0.01, 3, 40) == (0.0, 0.0)
    assert partial_eta2_interval(1e9, 3, 40) is None
