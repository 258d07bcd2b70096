"""Change from the first quarter, quarter by quarter; and blocks corrected together."""

from __future__ import annotations

import pytest

from assess.trends.anova import RepeatedMeasures, Status
from assess.trends.baseline import change_from_baseline
from assess.trends.families import block_family
from assess.trends.observations import Observation, Observations


def observed(*clinics: tuple[float | None, ...]) -> Observations:
    return Observations(
        Observation(f"C{place}", time, value)
        for place, values in enumerate(clinics)
        for time, value in enumerate(values, start=1)
    )


def test_each_quarter_uses_the_clinics_it_shares_with_the_first() -> None:
    result = change_from_baseline(
        observed((1, 2, None), (2, 2.5, 4), (1.5, 3, 2), (2, None, 3), (None, 3, 3))
    )
    second, third = result.rows or ()
    # t.test(c(2, 2.5, 3), c(1, 2, 1.5), paired = TRUE): t = 3.4641, p = 0.07418
    # t.test(c(4, 2, 3), c(2, 1.5, 2), paired = TRUE): t = 2.6458, p = 0.1181
    assert (result.first, second.time, second.n, third.n) == (1, 2, 3, 3)
    assert second.mean_change == pytest.approx(1.0)
    assert (second.ci_lo, second.ci_hi) == pytest.approx((-0.2420688559, 2.2420688559), rel=1e-6)
    assert (second.t, second.p) == pytest.approx((3.4641016, 0.0741799), rel=1e-5)
    assert (third.t, third.p) == pytest.approx((2.6457513, 0.1180829), rel=1e-5)
    assert (second.p_holm, third.p_holm) == pytest.approx((0.1483598, 0.1483598), rel=1e-5)


def test_equal_change_has_no_interval_and_one_clinic_only_a_change() -> None:
    result = change_from_baseline(
        observed((1, 1.1, 2, None), (2.1, 2.2, None, None), (3, 3.1, None, 2))
    )
    equal, one, other = result.rows or ()
    assert (equal.mean_change, equal.se, equal.t) == (pytest.approx(0.1), 0.0, None)
    assert (one.n, one.mean_change, one.p_holm) == (1, 1.0, None)
    assert other.mean_change == -1.0


def test_too_little_says_why() -> None:
    assert change_from_baseline(observed()).reason == "no values"
    assert change_from_baseline(observed((1,), (2,))).reason == "one quarter"
    apart = change_from_baseline(observed((1, None), (None, 2)))
    assert apart.status is Status.NOT_ESTIMABLE
    assert apart.reason == "no clinic has a value in the first quarter and in a later one"


def test_blocks_share_five_percent_and_keep_their_order() -> None:
    def tested(p: float | None) -> RepeatedMeasures:
        return RepeatedMeasures(Status.OK, 20, 0, 6, p_gg=p)

    family = block_family({"a": tested(0.04), "b": tested(None), "c": tested(0.01)})
    assert [(row.block, row.p_holm) for row in family] == [("a", 0.04), ("b", None), ("c", 0.02)]
