"""Agreement of raters: published worked examples, degenerate tables, a slow second way."""

from __future__ import annotations

import json
import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assess.agreement.analysis import analyse_agreement, as_json
from assess.agreement.intraclass import intraclass
from assess.agreement.kappa import MOST_RATERS, cohen_kappas
from assess.agreement.krippendorff import krippendorff_alpha
from assess.agreement.report import report
from assess.agreement.rwg import within_group
from assess.agreement.table import RatingTable, rating_table
from assess.trends.anova import Status

GAP = math.nan


def table(rows: list[list[float]]) -> RatingTable:
    """One row per subject, one column per rater; GAP is an empty cell."""
    return rating_table(
        (f"s{i}", f"r{j}", None if math.isnan(value) else value)
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
    )


def two_raters(counts: list[list[int]]) -> RatingTable:
    """A published cross table: row = category of the first rater, column = of the second."""
    pairs = [
        [float(a), float(b)]
        for a, row in enumerate(counts, 1)
        for b, count in enumerate(row, 1)
        for _ in range(count)
    ]
    return table(pairs)


def everything(rows: list[list[float]], levels: int | None = 4) -> dict[str, object]:
    """The whole analysis as JSON; NaN and infinity raise."""
    found = table(rows)
    agreement = analyse_agreement(found, levels)
    assert "nan" not in report(found, agreement)
    result: dict[str, object] = json.loads(json.dumps(as_json(found, agreement), allow_nan=False))
    return result


# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve
# units, categories 1 to 5.
KRIPPENDORFF_2011 = [
    [1, 1, GAP, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [GAP, 5, 5, 5], [GAP, GAP, 1, 1], [GAP, 3, GAP, GAP],
]  # fmt: skip


def test_krippendorffs_own_example() -> None:
    alpha = krippendorff_alpha(table(KRIPPENDORFF_2011))
    found = (alpha.nominal, alpha.ordinal, alpha.interval, alpha.ratio)
    # section C to E of the paper give .743 nominal, .815 ordinal, .849 interval, .797 ratio
    assert found == pytest.approx((0.743, 0.815, 0.849, 0.797), abs=5e-4)
    assert (alpha.values, alpha.subjects) == (40, 11)


def test_krippendorffs_example_of_two_observers() -> None:
    # section A of the same paper: ten units, binary, alpha = .095
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    alpha = krippendorff_alpha(
        table([[float(a), float(b)] for a, b in zip(meg, owen, strict=True)])
    )
    assert alpha.nominal == pytest.approx(0.095, abs=5e-4)


@pytest.mark.parametrize(
    ("counts", "kappa", "quadratic"),
    [
        # Cohen (1968), Psychological Bulletin 70, table 1, times 200: .492 unweighted
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.492, 0.455),
        # Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72, table 1, times 200: .429
        ([[106, 10, 4], [22, 28, 10], [2, 12, 6]], 0.429, 0.567),
        # Landis & Koch (1977), Biometrics 33, Winnipeg patients: .208; quadratic by
        # psych::cohen.kappa
        ([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]], 0.208, 0.525),
    ],
)
def test_published_kappas(counts: list[list[int]], kappa: float, quadratic: float) -> None:
    rows = cohen_kappas(two_raters(counts)).rows
    assert rows is not None
    (row,) = rows
    assert row.n == sum(map(sum, counts))
    assert (row.kappa, row.kappa_quadratic) == pytest.approx((kappa, quadratic), abs=5e-4)


def standard_error(counts: list[list[int]], weights: np.ndarray) -> float:
    """Fleiss, Cohen & Everitt (1969), formula for the general case, cell by cell."""
    share = np.array(counts) / np.sum(counts)
    a, b = share.sum(axis=1), share.sum(axis=0)
    observed, chance = (weights * share).sum(), (weights * np.outer(a, b)).sum()
    means = (weights @ b)[:, None] + a @ weights
    cells = share * (weights * (1 - chance) - means * (1 - observed)) ** 2
    rest = (observed * chance - 2 * chance + observed) ** 2
    return float(np.sqrt((cells.sum() - rest) / np.sum(counts)) / (1 - chance) ** 2)


def test_intervals_of_kappa_come_from_the_large_sample_standard_error() -> None:
    counts = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]  # Fleiss, Cohen & Everitt (1969), table 1
    (row,) = cohen_kappas(two_raters(counts)).rows or ()
    near = 1 - np.subtract.outer(np.arange(3), np.arange(3)) ** 2 / 4
    plain, quadratic = standard_error(counts, np.eye(3)), standard_error(counts, near)
    assert plain == pytest.approx(0.05371, abs=5e-6)  # and psych::cohen.kappa
    assert row.kappa is not None
    assert row.kappa_quadratic is not None
    ends = (row.lower95, row.upper95, row.quadratic_lower95, row.quadratic_upper95)
    assert ends == pytest.approx(
        [
            value + side * 1.959963985 * error
            for value, error in ((row.kappa, plain), (row.kappa_quadratic, quadratic))
            for side in (-1, 1)
        ]
    )


def test_raters_who_agree_in_everything_have_no_interval() -> None:
    found = table([[1, 1, 1], [2, 2, 2], [4, 4, 3], [3, 3, 3]])
    same, other, _ = cohen_kappas(found).rows or ()
    assert (same.kappa, same.lower95, same.quadratic_upper95) == (1.0, None, None)
    assert other.lower95 is not None
    assert other.quadratic_upper95 == 1.0  # cut off
    text = report(found, analyse_agreement(found, 4))
    assert "r0 and r1 (4 subjects): 1.00, no interval" in text
    assert "With fewer than 32 subjects (4 levels) these intervals are rough" in text


def test_shrout_and_fleiss_as_printed() -> None:
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = intraclass(table([list(map(float, row)) for row in ratings]).only_complete_subjects())
    assert found.rows is not None
    # Shrout & Fleiss (1979), table 4
    assert [row.ICC for row in found.rows] == pytest.approx(
        [0.17, 0.29, 0.71, 0.44, 0.62, 0.91], abs=5e-3
    )


def test_a_level_that_nobody_used_still_counts_as_a_step() -> None:
    far = cohen_kappas(table([[1, 1], [12, 12], [1, 12], [2, 1]])).rows
    near = cohen_kappas(table([[1, 1], [3, 3], [1, 3], [2, 1]])).rows
    assert far is not None
    assert near is not None
    assert far[0].kappa == near[0].kappa
    assert far[0].kappa_quadratic != near[0].kappa_quadratic


def test_within_group_agreement_is_cut_off_at_zero_and_says_so() -> None:
    found = within_group(table([[1, 4, 1, 4], [1, 2, 3, 4], [2, 2, 2, 3], [3, 3, 3, 3]]), 4)
    # expected variance (4² - 1) / 12 = 1.25; observed 3, 5/3, .25 and 0
    assert found.per_unit == pytest.approx((0.0, 0.0, 0.8, 1.0))
    assert found.more_than_chance == ("s0", "s1")
    assert (found.mean, found.median) == pytest.approx((0.45, 0.4))


@pytest.mark.parametrize(
    ("levels", "reason"),
    [(None, "--levels"), (1, "two levels at least"), (3, "3 apart, which 3 levels cannot be")],
)
def test_within_group_needs_a_scale_that_fits(levels: int | None, reason: str) -> None:
    found = within_group(table([[1, 4]]), levels)
    assert found.status is Status.NOT_ESTIMABLE
    assert reason in (found.reason or "")


ALL_EQUAL = [[2.0, 2.0, 2.0]] * 4
ONE_RATER = [[1.0], [2.0], [4.0]]
ONE_SUBJECT = [[1.0, 2.0, 2.0]]
NOTHING_SHARED = [[1.0, GAP], [GAP, 2.0], [3.0, GAP]]


def test_where_every_value_is_the_same_there_is_a_status() -> None:
    found = everything(ALL_EQUAL)
    assert found["icc"] == {"status": "undefined_no_variation"}
    alpha, kappa = found["krippendorff_alpha"], found["kappa"]
    assert isinstance(alpha, dict)
    assert (alpha["status"], alpha["ordinal"]) == ("undefined_no_variation", None)
    assert isinstance(kappa, list)
    assert [(row["status"], row["kappa"]) for row in kappa] == [
        ("undefined_no_variation", None)
    ] * 3
    assert isinstance(found["rwg"], dict)
    assert found["rwg"]["per_unit"] == [1.0] * 4


@pytest.mark.parametrize(
    ("rows", "icc", "alpha"),
    [
        (ONE_RATER, "one rater", "no subject has two ratings"),
        (ONE_SUBJECT, "one subject", None),
        (NOTHING_SHARED, "no subject has a rating from every rater", "no subject has two ratings"),
        ([[1, 2], [3, 4], [GAP, 1]][1:], "only one subject has a rating from every rater", None),
    ],
)
def test_too_small_tables_say_why(rows: list[list[float]], icc: str, alpha: str | None) -> None:
    found = everything(rows)
    assert found["icc"] == {"status": "not_estimable", "reason": icc}
    assert isinstance(found["krippendorff_alpha"], dict)
    assert found["krippendorff_alpha"].get("reason") == alpha


def test_raters_who_agree_in_everything_have_no_f() -> None:
    found = everything([[1, 1], [2, 2], [4, 4]])
    assert isinstance(found["icc"], list)
    for row in found["icc"]:
        assert (row["status"], row["ICC"]) == ("undefined_no_error_variance", 1.0)
        assert row["F"] is row["p"] is row["upper95"] is None
    assert found["krippendorff_alpha"] == {
        "status": "ok", "values": 6, "subjects": 3,
        "nominal": 1.0, "ordinal": 1.0, "interval": 1.0, "ratio": 1.0,
    }  # fmt: skip


def test_subjects_that_do_not_differ_leave_some_forms_without_a_value() -> None:
    found = intraclass(table([[1, 3], [3, 1], [2, 2]]).only_complete_subjects())
    one, mean = found.form("ICC1"), found.form("ICC1k")
    assert one is not None
    assert mean is not None
    assert (one.ICC, one.F, one.status) == (-1.0, 0.0, Status.OK)
    assert (mean.ICC, mean.status) == (None, Status.NO_VARIATION)


def test_a_ratio_scale_has_no_negative_values() -> None:
    found = krippendorff_alpha(table([[-1, 1], [2, 2], [0, 0]]))
    assert found.ratio is None
    assert found.interval is not None


def test_too_many_raters_for_pairs_are_not_listed() -> None:
    found = cohen_kappas(table([[float(i % 3) for i in range(MOST_RATERS + 1)]] * 2))
    assert (found.status, found.rows) == (Status.NOT_ESTIMABLE, None)


def test_the_largest_complete_part_gives_up_a_rater_who_skipped_much() -> None:
    rows = [[1, 2, GAP], [2, 3, GAP], [3, 3, GAP], [4, 4, 2], [1, GAP, 4], [2, 2, 2]]
    found = table(rows).largest_complete_part()
    assert found.raters_left_out == ("r2",)
    assert (found.raters, len(found.subjects)) == (("r0", "r1"), 5)
    assert [(left.subject, left.missing) for left in found.left_out] == [("s4", ("r1",))]
    assert not np.isnan(found.values).any()


def slow_alpha(rows: np.ndarray, metric: str) -> float:
    """Krippendorff (2011) step by step: coincidences of values, then their differences."""
    values = sorted({float(v) for v in rows.ravel() if not math.isnan(v)})
    pairs: dict[tuple[float, float], float] = dict.fromkeys(
        ((a, b) for a in values for b in values), 0.0
    )
    for row in rows:
        given = [float(v) for v in row if not math.isnan(v)]
        for a, b in permutations(given, 2):
            pairs[a, b] += 1 / (len(given) - 1)
    n = {a: sum(pairs[a, b] for b in values) for a in values}
    total = sum(n.values())

    def differ(a: float, b: float) -> float:
        low, high = sorted((a, b))
        between = sum(n[v] for v in values if low <= v <= high) - (n[a] + n[b]) / 2
        return {
            "nominal": float(a != b),
            "ordinal": between**2,
            "interval": (a - b) ** 2,
            "ratio": ((a - b) / (a + b)) ** 2,
        }[metric]

    observed = sum(pairs[pair] * differ(*pair) for pair in pairs)
    expected = sum(n[a] * n[b] * differ(a, b) for a, b in pairs)
    return 1 - (total - 1) * observed / expected


ratings = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 7), st.integers(2, 5)),
    elements=st.sampled_from([GAP, 1.0, 2.0, 3.0, 4.0]),
)


@settings(max_examples=60, deadline=None)
@given(ratings)
def test_alpha_agrees_with_the_coincidence_matrix(rows: np.ndarray) -> None:
    found = krippendorff_alpha(table(rows.tolist()))
    if found.status is Status.OK:
        for metric in ("nominal", "ordinal", "interval", "ratio"):
            assert getattr(found, metric) == pytest.approx(slow_alpha(rows, metric), abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(ratings)
def test_no_table_gives_nan_and_values_stay_in_their_range(rows: np.ndarray) -> None:
    found = table(rows.tolist())
    if not found.subjects:
        return
    agreement = analyse_agreement(found, 4)
    json.dumps(as_json(found, agreement), allow_nan=False)
    assert all(0 <= one <= 1 for one in agreement.rwg.per_unit or () if one is not None)
    assert all((row.kappa_quadratic or 0) <= 1 for row in agreement.kappa.rows or ())
    for name in ("ICC1", "ICC3"):
        form = agreement.icc.form(name)
        if form is not None and form.ICC is not None:
            assert -1 - 1e-9 <= form.ICC <= 1 + 1e-9


@settings(max_examples=30, deadline=None)
@given(ratings.filter(lambda rows: not np.isnan(rows).any()), st.integers(0, 9))
def test_intraclass_correlations_do_not_depend_on_offset_and_unit(
    rows: np.ndarray, power: int
) -> None:
    plain = intraclass(table(rows.tolist()).only_complete_subjects())
    moved = intraclass(table((rows / 2 + 10.0**power).tolist()).only_complete_subjects())
    assert plain.status is moved.status
    for one, other in zip(plain.rows or (), moved.rows or (), strict=True):
        assert one.status is other.status
        assert (None if other.ICC is None else pytest.approx(other.ICC, abs=1e-5)) == one.ICC
