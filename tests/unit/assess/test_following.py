"""The rules of following: which quarter counts, whom a count would give away, what is urgent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from assess.following import cycle, reasons
from assess.following.counting import OTHERS, Asked, count_by_job
from assess.following.standing import Kind, Running, follow, need_of
from assess.models import State
from assess.quarters import Quarter

Q2, Q3, Q4 = (Quarter(2026, number) for number in (2, 3, 4))
NEXT = Quarter(2027, 1)
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)


class TestQuarter:
    @pytest.mark.parametrize(
        ("today", "taken", "expected"),
        [
            (date(2026, 11, 22), (), Q4),  # the first assessment of a clinic
            (date(2026, 11, 22), (Q2,), Q4),
            (date(2026, 10, 5), (), Q4),  # nothing was left out: there was nothing before
            (date(2026, 10, 1), (Q2,), Q3),
            (date(2026, 10, 30), (Q2,), Q3),  # the thirtieth day of the quarter
            (date(2026, 10, 31), (Q2,), Q4),
            (date(2026, 10, 5), (Q2, Q3), Q4),
            (date(2026, 11, 10), (Q4,), Q3),  # an extra one: 41 days back, 52 ahead
            (date(2026, 12, 20), (Q4,), NEXT),
            (date(2026, 11, 22), (Q3, Q4), NEXT),
            (date(2026, 11, 22), (Q3, Q4, NEXT), None),
        ],
    )
    def test_a_form_offers(
        self, today: date, taken: tuple[Quarter, ...], expected: Quarter | None
    ) -> None:
        assert cycle.offer(today, taken).quarter == expected

    def test_who_has_to_wait_reads_until_when(self) -> None:
        offer = cycle.offer(date(2026, 11, 22), (Q3, Q4, NEXT))
        assert offer.why.endswith("Wait until Jan 1, 2027.")

    @pytest.mark.parametrize(
        ("given", "taken", "expected"),
        [
            ([date(2026, 11, 15)] * 3, (), Q4),  # 46 days after the end of Q3
            ([date(2026, 11, 14)] * 3, (), None),  # 45
            ([date(2026, 11, 15)] * 2 + [date(2026, 9, 1)] * 2, (), None),  # half is not most
            ([date(2026, 11, 15)] * 3, (Q4,), None),
            ([date(2026, 12, 1), date(2027, 1, 4), date(2027, 2, 1)], (), NEXT),
            ([], (), None),
        ],
    )
    def test_late_ratings_propose_the_quarter_they_were_given_in(
        self, given: list[date], taken: tuple[Quarter, ...], expected: Quarter | None
    ) -> None:
        assert cycle.propose_move(Q3, given, taken) == expected

    def test_it_may_be_moved_to_free_quarters_near_it_and_near_today(self) -> None:
        today = date(2026, 11, 22)
        assert cycle.other_quarters(Q2, today, {Q2, Q3}) == (Quarter(2026, 1), Q4)


class TestReasons:
    def test_nothing_is_planned_in_the_past_or_without_a_day(self) -> None:
        assert list(reasons.planned(None, NOW)) == []
        assert [one for one, _ in reasons.planned(date(2026, 11, 24), NOW)] == [reasons.OVERDUE]
        planned = dict(reasons.planned(date(2026, 12, 10), NOW))
        assert planned == {
            reasons.DUE_SOON: datetime(2026, 12, 7, 15, tzinfo=UTC),
            reasons.OVERDUE: datetime(2026, 12, 11, 15, tzinfo=UTC),
        }

    def test_each_day_is_a_reason_of_its_own_by_hand(self) -> None:
        today = reasons.by_hand(NOW.date())
        assert today == "by_hand 2026-11-23"
        assert reasons.is_by_hand(today)
        assert not reasons.is_by_hand(reasons.OPENED)
        assert reasons.words(today) == "by hand"


def people(**jobs: int) -> list[Asked]:
    return [
        Asked(name, has_started=number > 0, has_finished=number > 1)
        for name, size in jobs.items()
        for number in range(size)
    ]


class TestCounts:
    def test_few_of_a_job_stand_with_others(self) -> None:
        counted = count_by_job(people(Nurse=4, Physician=2, Pharmacist=1))
        assert [(one.name, one.asked, one.started, one.finished) for one in counted] == [
            ("Nurse", 4, 3, 2),
            (OTHERS, 3, 1, 0),
        ]

    def test_one_left_over_takes_the_smallest_group_along(self) -> None:
        """Else the total minus the groups would tell of that one person."""
        counted = count_by_job(people(Nurse=5, Medic=3, Pharmacist=1))
        assert [(one.name, one.asked) for one in counted] == [("Nurse", 5), (OTHERS, 4)]

    def test_a_job_nobody_said_is_no_group(self) -> None:
        jobs = [*people(Nurse=3), *[Asked("", False, False)] * 4]
        assert [one.name for one in count_by_job(jobs)] == ["Nurse", OTHERS]

    def test_one_group_says_nothing_that_the_total_does_not(self) -> None:
        assert count_by_job(people(Nurse=2, Physician=2)) == ()


RUNNING = Running(
    id=1,
    clinic_id=1,
    clinic="Alder Clinic",
    organization="North Health",
    questionnaire="Six Building Blocks",
    quarter=Q4,
    state=State.OPEN,
    opened_at=NOW - timedelta(days=10),
    due_on=NOW.date() + timedelta(days=5),
    revealed_at=None,
    asked=6,
    asked_finished=2,
    started=4,
    finished=2,
    last_at=NOW - timedelta(days=2),
    reminded_at=None,
)
NOBODY = {"started": 0, "finished": 0, "asked_finished": 0, "last_at": None}
PAST = NOW.date() - timedelta(days=2)
ALL = {"asked_finished": 6, "finished": 6, "started": 6}


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({}, Kind.RATING, "4 asked have not finished."),
        ({"asked_finished": 5, "finished": 5}, Kind.RATING, "1 person asked has not finished."),
        (NOBODY, Kind.NOBODY, "Open for 10 days, and nobody has started."),
        (NOBODY | {"opened_at": NOW}, Kind.RATING, "Just opened. Nobody has started yet."),
        (
            NOBODY | {"due_on": PAST},
            Kind.NOBODY_LATE,
            "The due day was 2 days ago, and nobody has started.",
        ),
        ({"due_on": PAST}, Kind.LATE, "The due day was 2 days ago. 4 asked have not finished."),
        ({"due_on": NOW.date()}, Kind.RATING, "4 asked have not finished."),
        (
            {"last_at": NOW - timedelta(days=7)},
            Kind.STUCK,
            "Nobody has started or finished for 7 days. 4 asked have not finished.",
        ),
        (ALL, Kind.READY, "Everybody who was asked has finished. Hold the meeting."),
        (ALL | {"due_on": PAST}, Kind.READY, "Everybody who was asked has finished. Hold the"),
        (
            {"asked": 0, "asked_finished": 0, "finished": 0, "started": 1, "due_on": PAST},
            Kind.LATE,
            "The due day was 2 days ago. Some ratings are begun and not finished.",
        ),
        ({"state": State.REVEALED, "revealed_at": NOW}, Kind.SHOWN, "Results are revealed."),
        (
            {"state": State.REVEALED, "revealed_at": NOW - timedelta(days=16)},
            Kind.NOT_AGREED,
            "Results were revealed 16 days ago, and levels are not agreed.",
        ),
        ({"state": State.AGREED}, Kind.AGREED, "Close it when the team is done."),
    ],
)
def test_what_an_assessment_needs(changes: dict[str, object], kind: Kind, words: str) -> None:
    need = need_of(replace(RUNNING, **changes), NOW)  # type: ignore[arg-type]
    assert need.kind is kind
    assert need.words.startswith(words)
    assert need.needs_somebody is (kind <= Kind.READY)


def test_the_most_urgent_stands_first() -> None:
    calm = replace(RUNNING, id=2)
    late = replace(RUNNING, id=3, due_on=PAST)
    later = replace(RUNNING, id=4, due_on=PAST - timedelta(days=1))
    never = replace(RUNNING, id=5, due_on=PAST, **NOBODY)  # type: ignore[arg-type]
    found = follow([calm, late, later, never], NOW)
    assert [one.running.id for one in found] == [5, 4, 3, 2]
