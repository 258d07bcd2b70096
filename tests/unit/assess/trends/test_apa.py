"""APA style: leading zeros, tiny p-values, degrees of freedom, statuses in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.agreement import report as agreement_report
from assess.agreement.analysis import analyse_agreement
from assess.agreement.table import RatingTable
from assess.trends import apa, report, report_parts
from assess.trends.analysis import analyse
from assess.trends.anova import RepeatedMeasures, Status
from assess.trends.observation_file import parse_file, parse_observations

CASES = Path(__file__).parents[3] / "cases"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0065, "p = .006"), (0.01539, "p = .015"), (0.000999, "p < .001"), (0.0, "p < .001"),
        (0.9996, "p > .999"), (1.0, "p > .999"), (0.5, "p = .500"), (None, "p not defined"),
    ],
)  # fmt: skip
def test_p_values(p: float | None, text: str) -> None:
    assert apa.p_value(p) == text


def test_numbers_below_one_lose_their_zero_and_minus_is_a_minus() -> None:
    assert [apa.unit(x) for x in (0.154, 1.0, 0.0)] == [".15", "1.00", ".00"]
    assert [apa.decimal(x) for x in (-0.25, -0.001, 3.456)] == ["−0.25", "0.00", "3.46"]
    assert [apa.degrees(x) for x in (95, 68.169)] == ["95", "68.17"]


def test_the_headline_of_the_published_result() -> None:
    content = (CASES / "s06_slide_like_20x6" / "data.csv").read_bytes()
    observations = parse_observations(content)
    analysis = analyse(observations)
    assert apa.repeated_measures(analysis.rm_anova) == (
        "F(5, 95) = 3.46, p = .006 (GG ε .72, p_GG .015), partial η² .15 [90% CI .03, .24], "
        "20 clinics (0 left out), 6 quarters"
    )
    assert apa.one_way(analysis.oneway_independent) == "F(5, 114) = 1.26, p = .287, η² = .05"
    assert apa.friedman(analysis.friedman) == (
        "χ²(5) = 15.72, p = .008, Kendall's W = .16; Iman-Davenport F(5, 95) = 3.54, p = .006"
    )
    text = report.report(observations, analysis)
    assert text.startswith("Over 6 quarters the mean rose from 2.3 to 2.6 in 20 clinics. ")
    assert "One-way ANOVA (treats every quarter as different clinics)" in text
    assert "Left out: none of 20" in text


@pytest.mark.parametrize(
    ("W", "text"), [(0.288, "Mauchly's W = .29, "), (0.0002, "Mauchly's W < .01, ")]
)
def test_sphericity_has_no_zero_w(W: float, text: str) -> None:
    result = RepeatedMeasures(
        Status.OK, 20, 0, 6, df1_gg=3.588, df2_gg=68.169, p_gg=0.0154, p_hf=0.00866,
        mauchly_W=W, mauchly_chi2=21.27, mauchly_df=14, mauchly_p=0.0979,
    )  # fmt: skip
    line = apa.sphericity(result)
    assert line is not None
    assert line.startswith(text)
    assert "Greenhouse-Geisser F(3.59, 68.17), p = .015; Huynh-Feldt p = .009" in line


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_every_status_is_said_in_words(status: Status) -> None:
    text = apa.repeated_measures(RepeatedMeasures(status, 8, 0, 6))
    assert text.startswith("Not possible: ")
    assert "undefined" not in text
    assert "None" not in text


@pytest.mark.parametrize("case", sorted(CASES.glob("s*/")), ids=lambda path: path.name)
def test_a_report_of_any_case_has_no_nan_and_no_none(case: Path) -> None:
    table = parse_file((case / "data.csv").read_bytes())
    if isinstance(table, RatingTable):
        text = agreement_report.report(table, analyse_agreement(table, 12))
    else:
        text = report.report(table, analyse(table))
    assert "nan" not in text.lower()
    assert "None" not in text
    assert "inf" not in text.lower()


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [(2.31, 2.59, "rose from 2.3 to 2.6"), (2.5, 2.0, "fell from 2.5 to 2.0"),
     (2.31, 2.33, "stayed at 2.3")],
)  # fmt: skip
def test_movement_in_words(first: float, last: float, text: str) -> None:
    assert report.moved(first, last) == text


def test_sphericity_says_why_there_is_no_mauchly_test() -> None:
    def line(rows: list[list[float]]) -> str:
        cells = [(f"C{i},{t}", value) for i, row in enumerate(rows) for t, value in enumerate(row)]
        content = "subject,time,value\n" + "".join(f"{place},{value}\n" for place, value in cells)
        return apa.sphericity(analyse(parse_observations(content.encode())).rm_anova) or ""

    few = line([[1, 2, 2, 3], [2, 1, 3, 3], [1, 1, 2, 4]])
    assert few.startswith("Mauchly's test is not possible with so few clinics; ")
    # quarters 1 and 2 differ by exactly 1 in every clinic, so the covariances are singular
    together = line([[1, 2, 4], [2, 3, 1], [3, 4, 2], [1.5, 2.5, 3]])
    assert together.startswith(
        "Mauchly's W = .00, p < .001, as some quarters move exactly together; "
    )


def test_certainty_goes_by_the_corrected_p() -> None:
    # p is below .05 and the Greenhouse-Geisser p above it: the cautious sentence
    result = RepeatedMeasures(Status.OK, 8, 0, 6, F=2.6, p=0.04, p_gg=0.08)
    assert report.certainty(result) == "Differences of this size between quarters could be chance."
    assert report.certainty(RepeatedMeasures(Status.NO_VARIATION, 8, 0, 6)) is None


def test_values_of_a_millionth_are_not_printed_as_zero() -> None:
    observations = parse_observations(
        (CASES / "s25_values_of_a_millionth" / "data.csv").read_bytes()
    )
    text = report.report(observations, analyse(observations))
    assert text.startswith("Over 5 quarters the mean rose from 0.00000")
    assert "0.00 per quarter" not in text
    assert "95% CI [0.00, 0.00]" not in text


def trend_of(times: list[str]) -> tuple[str, str | None]:
    rows = [
        f"C{place},{time},{place + change}\n"
        for place, changes in enumerate([(0, 0.5, 1), (0, 0.75, 1.25), (0.25, 0.5, 1)])
        for time, change in zip(times, changes, strict=True)
    ]
    observations = parse_observations(("subject,time,value\n" + "".join(rows)).encode())
    trend = analyse(observations).linear_trend
    return (
        apa.linear_trend(trend, observations.times),
        report_parts.trend_sentence(trend, observations.times, 2),
    )


def test_a_trend_is_per_year_only_where_steps_are_quarters() -> None:
    line, sentence = trend_of(["2025Q3", "2025Q4", "2026Q1"])
    assert line == (
        "0.50 per quarter, 95% CI [0.19, 0.81], t(2) = 6.93, p = .020; "
        "2.00 per year, 95% CI [0.76, 3.24]"
    )
    assert sentence == "On average scores rose by 2.00 a year (95% CI 0.76 to 3.24)."
    assert trend_of(["1", "2", "3"]) == (line, sentence)
    for times in (["2025Q1", "2025Q2", "2025Q4"], ["1", "2", "4"], ["before", "mid", "then"]):
        line, sentence = trend_of(times)
        assert line.startswith("0.50 per step, ")
        assert ("year" in line, sentence) == (False, None)


def test_a_report_of_groups_and_one_of_a_single_clinic() -> None:
    def lines(name: str) -> list[str]:
        observations = parse_observations((CASES / name / "data.csv").read_bytes())
        return report.report(observations, analyse(observations)).splitlines()

    groups = lines("s06_slide_like_20x6")
    assert "  How differently the groups changed could be chance." in groups
    assert (
        "  Whether the groups changed differently: F(5, 90) = 1.46, p = .211 "
        "(GG ε .72, p_GG .229), partial η² .07"
    ) in groups
    assert any(line.startswith("  4          20      0.23         0.08 to 0.38") for line in groups)
    assert any(
        line.startswith("  F(5, 25) = 4.37") and "6 organizations" in line for line in groups
    )
    assert any(line.startswith("  With organizations: b = 0.06") for line in groups)
    alone = lines("s10_one_clinic_8_quarters")
    assert alone[0] == "Over 8 quarters the value of the one clinic rose from 1.6 to 2.9."
    assert "Run chart (one clinic: there is no test of change)" in alone
    assert any(
        line.startswith("  Possible signal: seven quarters in a row rising") for line in alone
    )
    assert not any("ANOVA" in line or "±" in line for line in alone)
