"""Blocks, milestones and quarters as the results page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import pytest

from assess.answers import NOT_APPLICABLE, AnswerValue
from assess.findings import BlockResult, LevelCount, MilestoneResult, QuarterScores, Results
from assess.quarters import Quarter
from assess.scoring import Basis
from questionnaires import catalog
from questionnaires.instrument import Status

BLOCKS = catalog.get("six_building_blocks").blocks
NOW = Quarter(2026, 3)


def block(index: int, score: float | None, last: float | None = None) -> BlockResult:
    return BlockResult(block=BLOCKS[index], score=score, last=last, answered=1, met=0)


def quarter_scores(quarter: Quarter, *, comparable: bool = True) -> QuarterScores:
    return QuarterScores(
        assessment_id=quarter - Quarter(2000, 1),
        quarter=quarter,
        basis=Basis.RATINGS,
        overall=2.0,
        blocks=MappingProxyType({}),
        comparable=comparable,
    )


def results(
    *blocks: BlockResult,
    basis: Basis = Basis.RATINGS,
    raters: int = 5,
    earlier: Sequence[QuarterScores] = (),
) -> Results:
    return Results(
        quarter=NOW,
        basis=basis,
        raters=raters,
        overall=2.0,
        met=0,
        total=26,
        blocks=blocks,
        milestones=MappingProxyType({}),
        history=(*earlier, quarter_scores(NOW)),
    )


def milestone(*levels: int, agreed: AnswerValue | None = None) -> MilestoneResult:
    one = BLOCKS[0].milestones[0]
    return MilestoneResult(
        milestone=one,
        counts=tuple(LevelCount(value, value, levels.count(value)) for value in range(1, 5)),
        dont_know=0,
        not_applicable=0,
        agreed=agreed,
        rationale="",
        last=None,
        notes=(),
    )


class TestSince:
    def test_the_quarter_before_is_last_quarter(self) -> None:
        assert results(earlier=[quarter_scores(NOW - 1)]).since == "last quarter"

    def test_an_older_quarter_has_its_name(self) -> None:
        assert results(earlier=[quarter_scores(NOW - 2)]).since == "Q1 2026"

    def test_a_quarter_with_other_questions_does_not_count(self) -> None:
        assert results(earlier=[quarter_scores(NOW - 1, comparable=False)]).last is None


@pytest.mark.parametrize(
    ("basis", "raters", "words"),
    [
        (Basis.AGREED, 5, "agreed by the team"),
        (Basis.IMPORTED, 0, "taken over from earlier records"),
        (Basis.RATINGS, 1, "mean of 1 rating"),
        (Basis.RATINGS, 5, "mean of 5 ratings"),
    ],
)
def test_the_basis_is_stated(basis: Basis, raters: int, words: str) -> None:
    assert results(basis=basis, raters=raters).basis_words == words


@pytest.mark.parametrize(
    ("score", "status"),
    [(1.99, Status.NEEDS_WORK), (2.0, Status.UNDER_WAY), (3.0, Status.STRONG), (None, None)],
)
def test_the_status_follows_the_unrounded_score(score: float | None, status: Status | None) -> None:
    assert block(0, score).status is status


class TestMilestone:
    def test_spread_and_mean_come_from_the_ratings(self) -> None:
        one = milestone(1, 3, 3)
        assert (one.lowest, one.highest, one.rated) == (1, 3, 3)
        assert one.value == pytest.approx(7 / 3)

    def test_nobody_rated(self) -> None:
        one = milestone()
        assert (one.lowest, one.highest, one.value) == (None, None, None)

    def test_the_agreed_level_wins(self) -> None:
        assert milestone(1, 2, agreed=AnswerValue.level(3)).value == 3

    def test_agreed_not_to_apply_has_no_value(self) -> None:
        one = milestone(1, 2, agreed=NOT_APPLICABLE)
        assert one.value is None
        assert one.agreed_not_applicable
