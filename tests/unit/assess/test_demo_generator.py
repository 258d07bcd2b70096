"""The demonstration must look like clinics do; each figure here has its source in the generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.answers import AnswerState
from assess.demo import generator
from assess.demo.calendar import moments_of
from assess.demo.generator import WAVES, DrawnAssessment, Stage, draw_program
from assess.demo.words import NOTES
from assess.quarters import Quarter
from assess.scoring import AssessmentScores, score_assessment
from assess.trends.anova import Status, repeated_measures
from assess.trends.observations import Observation, Observations
from questionnaires import catalog

INSTRUMENT = catalog.get("six_building_blocks")
RATERS = (7, 5, 8, 4, 6, 7, 5, 6, 4, 6, 5, 8, 5, 7, 4, 6, 5, 9, 7, 6)


@cache
def program(seed: int = generator.SEED) -> tuple[DrawnAssessment, ...]:
    return draw_program(INSTRUMENT, RATERS, seed=seed)


def scores(drawn: DrawnAssessment, *, by_raters: bool = False) -> AssessmentScores:
    finished = [rating.answers for rating in drawn.ratings if rating.finished]
    return score_assessment(INSTRUMENT, finished, None if by_raters else drawn.agreed)


def revealed() -> list[DrawnAssessment]:
    return [drawn for drawn in program() if drawn.stage >= Stage.REVEALED]


def overall(wave: int, score: Callable[[DrawnAssessment], AssessmentScores] = scores) -> float:
    values = [score(drawn).overall for drawn in revealed() if drawn.wave == wave]
    return mean(value for value in values if value is not None)


def test_the_same_seed_draws_the_same_program() -> None:
    assert draw_program(INSTRUMENT, RATERS) == program()
    assert program(1) != program()


def test_a_change_in_one_clinic_leaves_the_others_alone() -> None:
    more = list(RATERS)
    more[3] += 1
    changed = draw_program(INSTRUMENT, more)
    assert [d for d in changed if d.clinic != 3] == [d for d in program() if d.clinic != 3]


def test_the_overall_score_rises_from_about_2_3_to_about_2_6() -> None:
    assert overall(0) == pytest.approx(2.3, abs=0.06)
    assert overall(WAVES - 1) == pytest.approx(2.6, abs=0.06)
    growth = (overall(WAVES - 1) - overall(0)) / (WAVES - 1)
    assert 0.06 <= growth <= 0.12


def test_tracking_is_weakest_and_leadership_strongest() -> None:
    blocks: dict[str, list[float]] = {}
    for drawn in revealed():
        for block in scores(drawn).blocks:
            if block.score is not None:
                blocks.setdefault(block.block, []).append(block.score)
    means = {block: mean(values) for block, values in blocks.items()}
    assert min(means, key=lambda block: means[block]) == "tracking-monitoring"
    assert max(means, key=lambda block: means[block]) == "leadership-consensus"


def test_raters_are_too_kind_at_first_only() -> None:
    def rated(drawn: DrawnAssessment) -> AssessmentScores:
        return scores(drawn, by_raters=True)

    assert 0.15 <= overall(0, rated) - overall(0) <= 0.35
    assert overall(3, rated) == pytest.approx(overall(3), abs=0.1)


def test_few_answers_are_missing_and_few_do_not_apply() -> None:
    finished = [r for d in program() for r in d.ratings if r.finished]
    states = [answer.state for rating in finished for answer in rating.answers.values()]
    asked = len(finished) * len(INSTRUMENT.milestones)
    missing = asked - len(states) + states.count(AnswerState.DONT_KNOW)
    assert 0.05 <= missing / asked <= 0.10
    assert 0 < states.count(AnswerState.NOT_APPLICABLE) / asked < 0.03


def test_16_to_18_clinics_are_complete_and_their_change_is_significant() -> None:
    rows = tuple(
        Observation(str(drawn.clinic), str(drawn.wave), scores(drawn).overall)
        for drawn in revealed()
    )
    result = repeated_measures(Observations(rows).complete)
    assert result.status is Status.OK
    assert 16 <= result.n_subjects_used <= 18
    assert result.df1 == WAVES - 1
    assert result.F is not None
    assert 3 <= result.F <= 7
    assert result.p_gg is not None
    assert result.p_gg < 0.01


def test_61_to_68_percent_of_about_two_goals_are_met() -> None:
    met = generator.goals_met(program())
    assert 0.61 <= met[True] / (met[True] + met[False]) <= 0.68
    planned = [drawn for drawn in program() if drawn.goals]
    assert all(1 <= len(drawn.goals) <= 3 for drawn in planned)
    assert mean(len(drawn.goals) for drawn in planned) == pytest.approx(2, abs=0.25)


@pytest.mark.parametrize("seed", [generator.SEED, 1, 2])
def test_a_goal_that_is_met_moved_its_milestone(seed: int) -> None:
    for before, after in zip(program(seed), program(seed)[1:], strict=False):
        if before.clinic != after.clinic or not after.agreed:
            continue
        for goal in before.goals:
            value = after.agreed[goal.milestone].value
            assert value is not None
            assert goal.met is (value >= goal.target)
            assert goal.target == goal.from_level + 1


@pytest.mark.parametrize("seed", [generator.SEED, 1, 2])
def test_every_answer_is_one_the_questionnaire_allows(seed: int) -> None:
    for drawn in program(seed):
        assert len({rating.rater for rating in drawn.ratings}) == len(drawn.ratings)
        assert all(0 <= rating.rater < RATERS[drawn.clinic] for rating in drawn.ratings)
        if drawn.stage is not Stage.OPEN:
            assert 4 <= len(drawn.ratings) <= 9
        for answers in (drawn.agreed, *(rating.answers for rating in drawn.ratings)):
            for key, answer in answers.items():
                milestone = INSTRUMENT.milestone(key)
                assert answer.value is None or answer.value in milestone.scale
                assert milestone.na_allowed or answer.state is not AnswerState.NOT_APPLICABLE


def test_the_demo_clinic_waits_for_its_lead_and_member_and_others_stand_elsewhere() -> None:
    newest = {drawn.clinic: drawn for drawn in program() if drawn.wave == WAVES - 1}
    assert newest[0].stage is Stage.OPEN
    assert {rating.rater for rating in newest[0].ratings}.isdisjoint({0, 1})
    assert sum(rating.finished for rating in newest[0].ratings) >= 2
    assert {drawn.stage for drawn in newest.values()} == {
        Stage.OPEN,
        Stage.REVEALED,
        Stage.AGREED,
        Stage.DRAFTED,
        Stage.PLANNED,
    }
    before = [drawn for drawn in program() if drawn.clinic == 0 and drawn.wave == WAVES - 2]
    assert {0, 1} <= {rating.rater for rating in before[0].ratings}


def test_every_milestone_has_evidence_to_note() -> None:
    assert list(NOTES) == [milestone.key for milestone in INSTRUMENT.milestones]


def test_raters_of_a_clinic_differ_by_about_half_a_level() -> None:
    spreads: list[float] = []
    for drawn in revealed():
        for milestone in INSTRUMENT.milestones:
            given_levels = _levels(drawn, milestone.key)
            if len(given_levels) > 2:
                spreads.append(float(np.std(given_levels, ddof=1)))
    assert 0.4 <= mean(spreads) <= 0.7


def _levels(drawn: DrawnAssessment, key: str) -> Sequence[int]:
    answers = (rating.answers.get(key) for rating in drawn.ratings)
    return [answer.value for answer in answers if answer and answer.value is not None]


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 19),
    st.integers(0, 5),
)
def test_no_step_is_in_the_future_and_all_are_in_order(
    now: datetime, clinic: int, quarters_ago: int
) -> None:
    quarter = Quarter.of(now.date()) - quarters_ago
    moments = moments_of(quarter, clinic, now)
    steps = [moments.opened, *moments.rated, moments.revealed, moments.planned, moments.closed]
    assert steps == sorted(steps)
    assert steps[-1] <= now
    assert quarter.first_day <= moments.opened.date()
    assert moments.closed.date() <= quarter.last_day
