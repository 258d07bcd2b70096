"""How minutes arrange what is stored: steps, raters, changes of mind, the words for ratings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assess.answers import DONT_KNOW, AnswerValue
from assess.findings import LevelCount, MilestoneResult
from assess.job_roles import EVERYONE_ELSE
from assess.minutes.arranging import earlier_levels, raters_of, ratings_words, steps_of
from assess.minutes.content import Said, Step
from questionnaires import catalog

MILESTONE = catalog.get("six_building_blocks").milestones[0]
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
TWO, THREE = AnswerValue.level(2), AnswerValue.level(3)


def later(days: int) -> datetime:
    return START + timedelta(days=days)


def said(value: AnswerValue, day: int, rationale: str = "") -> Said:
    return Said(value, rationale, "", "Lead", later(day))


def result(*levels: int, dont_know: int = 0, not_applicable: int = 0) -> MilestoneResult:
    return MilestoneResult(
        milestone=MILESTONE,
        counts=tuple(LevelCount(value, value, levels.count(value)) for value in range(1, 5)),
        dont_know=dont_know,
        not_applicable=not_applicable,
        agreed=None,
        rationale="",
        last=None,
        notes=(),
    )


class TestSteps:
    def test_they_stand_oldest_first_with_who_and_why(self) -> None:
        kept = [
            ("closed", Step("", later(9), "Lead")),
            ("revealed", Step("", later(3), "Coach")),
            ("reopened", Step("", later(10), "Coach", "A level was wrong")),
        ]
        steps = steps_of(kept, {"opened": START})
        assert [(one.words, one.by, one.reason) for one in steps] == [
            ("Rating opened", "", ""),
            ("Results revealed to the team", "Coach", ""),
            ("Assessment closed", "Lead", ""),
            ("Assessment opened again", "Coach", "A level was wrong"),
        ]

    def test_the_dates_of_the_assessment_stand_in_for_steps_that_were_not_kept(self) -> None:
        steps = steps_of([], {"opened": START, "revealed": later(3), "agreed": None})
        assert [one.words for one in steps] == ["Rating opened", "Results revealed to the team"]

    def test_a_kept_step_is_not_told_twice(self) -> None:
        steps = steps_of([("opened", Step("", START, "Lead"))], {"opened": START})
        assert [one.by for one in steps] == ["Lead"]

    def test_a_new_due_date_is_no_matter_for_minutes(self) -> None:
        assert steps_of([("changed", Step("", later(1)))], {}) == ()

    def test_steps_of_one_moment_stand_in_their_usual_order(self) -> None:
        steps = steps_of([], {"closed": START, "revealed": START, "opened": START})
        assert [one.words for one in steps][-1] == "Assessment closed"


class TestRaters:
    def test_sources_are_counted_and_small_job_roles_are_not_named(self) -> None:
        raters = raters_of({("web", "Nurse"): 4, ("paper", "Nurse"): 2, ("web", "Manager"): 1})
        assert raters.total == 7
        assert raters.sources == (("on the web", 5), ("on paper", 2))
        assert raters.roles == ()

    def test_what_is_left_over_is_large_enough_too(self) -> None:
        raters = raters_of({("web", "Nurse"): 6, ("web", ""): 5})
        assert raters.roles == (("Nurse", 6), (EVERYONE_ELSE, 5))

    def test_nobody(self) -> None:
        assert raters_of({}).total == 0


class TestChangesOfMind:
    def test_the_level_that_counts_is_not_an_earlier_one(self) -> None:
        assert earlier_levels([said(TWO, 1)], said(TWO, 1)) == ()

    def test_earlier_levels_stand_in_order_also_when_the_team_came_back(self) -> None:
        changes = [said(TWO, 1), said(THREE, 2), said(DONT_KNOW, 3), said(TWO, 4)]
        told = earlier_levels(changes, said(TWO, 4))
        assert [one.value for one in told] == [TWO, THREE, DONT_KNOW]

    def test_of_new_reasons_for_a_level_only_the_last_is_told(self) -> None:
        changes = [said(TWO, 1, "First"), said(TWO, 2, "Better"), said(THREE, 3)]
        (told,) = earlier_levels(changes, said(THREE, 3))
        assert told.rationale == "Better"

    def test_levels_agreed_before_changes_were_kept(self) -> None:
        assert earlier_levels([], said(TWO, 1)) == ()


class TestRatingsInWords:
    def test_range_mean_and_those_without_a_level(self) -> None:
        words = ratings_words(result(1, 2, 3, 3, dont_know=2, not_applicable=1))
        assert words == (
            "4 ratings from 1 to 3, mean 2.2; 2 did not know; 1 said it does not apply"
        )

    def test_all_alike(self) -> None:
        assert ratings_words(result(2, 2)) == "2 ratings, all at 2"

    def test_one_and_none(self) -> None:
        assert ratings_words(result(3)) == "1 rating at 3"
        assert ratings_words(result()) == "Nobody rated it"
