"""The rules of following: which quarter counts, whom a count would give away, what is urgent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from assess.following import cycle, reasons
from assess.following.counting import OTHERS, Asked, count, count_by_job, is_told
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
            # at the year's end
            (date(2026, 12, 31), (Q2,), Q4),
            (date(2027, 1, 1), (Q3,), Q4),
            (date(2027, 1, 30), (Q3,), Q4),
            (date(2027, 1, 31), (Q3,), NEXT),
            (date(2027, 1, 30), (Q3, Q4), NEXT),
            (date(2027, 1, 30), (NEXT,), Q4),  # a clinic that began this quarter: off its cycle
            # on a leap day, 60 days after the quarter before and 32 before the next
            (date(2028, 2, 29), (Quarter(2027, 4),), Quarter(2028, 1)),
            (date(2028, 2, 29), (Quarter(2028, 1),), Quarter(2028, 2)),
            (date(2028, 2, 14), (Quarter(2028, 1),), Quarter(2027, 4)),  # 45 back, 47 ahead
        ],
    )
    def test_a_form_offers(
        self, today: date, taken: tuple[Quarter, ...], expected: Quarter | None
    ) -> None:
        assert cycle.offer(today, taken).quarter == expected

    def test_who_has_to_wait_reads_until_when(self) -> None:
        offer = cycle.offer(date(2026, 11, 22), (Q3, Q4, NEXT))
        assert offer.why.endswith("Wait until Jan 1, 2027.")

    def test_what_is_offered_is_never_taken_and_near_on_every_day(self) -> None:
        for days in range(2 * 365 + 1):
            today = date(2027, 1, 1) + timedelta(days=days)
            now = Quarter.of(today)
            near = (now - 1, now, now + 1)
            for number in range(8):
                taken = {one for place, one in enumerate(near) if number >> place & 1}
                quarter = cycle.offer(today, taken).quarter
                assert quarter not in taken
                assert (quarter in near) == (number != 7)

    def test_the_rule_names_its_days(self) -> None:
        assert "first 30 days" in cycle.RULES[0]
        assert "more than 45 days after" in cycle.RULES[2]

    @pytest.mark.parametrize(
        ("given", "taken", "expected"),
        [
            ([date(2026, 11, 15)] * 3, (), Q4),  # 46 days after the end of Q3
            ([date(2026, 11, 14)] * 3, (), None),  # 45
            ([date(2026, 11, 15)] * 2 + [date(2026, 9, 1)] * 2, (), None),  # half is not most
            ([date(2026, 11, 15)] * 3, (Q4,), None),
            ([date(2026, 12, 1), date(2027, 1, 4), date(2027, 2, 1)], (), NEXT),
            ([date(2026, 12, 31), date(2027, 1, 1)], (), Q4),  # as many in each: the earlier one
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
        assert list(reasons.planned(None, reasons.USUAL, NOW)) == []
        due = date(2026, 11, 24)
        assert [one.words for one in reasons.planned(due, reasons.USUAL, NOW)] == ["Wed, Nov 25"]
        due = date(2026, 12, 10)
        assert list(reasons.planned(due, (1, -3), NOW)) == [
            reasons.Planned("due -3 2026-12-10", datetime(2026, 12, 7, 15, tzinfo=UTC)),
            reasons.Planned("due +1 2026-12-10", datetime(2026, 12, 11, 15, tzinfo=UTC)),
        ]

    def test_a_planned_one_is_about_its_day_and_wanted_while_both_stand(self) -> None:
        due, later = date(2026, 12, 10), date(2026, 12, 11)
        reason = reasons.about(-3, due)
        assert len(reason) <= 40
        assert reasons.is_wanted(reason, due, (-3, 1))
        assert not reasons.is_wanted(reason, later, (-3, 1))
        assert not reasons.is_wanted(reason, due, (1,))
        assert not reasons.is_wanted(reason, None, (-3,))
        assert reasons.is_wanted(reasons.OPENED, None, ())
        assert reasons.is_wanted(reasons.by_hand(due), None, ())

    def test_one_planned_before_reasons_named_their_day_is_the_same_one(self) -> None:
        due = date(2026, 12, 10)
        assert reasons.named("overdue", due) == reasons.about(1, due)
        assert reasons.named("opened", due) == "opened"
        assert reasons.words("due_soon").startswith("3 days before")

    def test_each_day_is_a_reason_of_its_own_by_hand(self) -> None:
        assert reasons.by_hand(NOW.date()) == "by_hand 2026-11-23"

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("opened", "when it was opened"),
            ("by_hand 2026-11-23", "by hand"),
            ("due -3 2026-12-10", "3 days before (due Dec 10, 2026)"),
            ("due +0 2026-12-10", "on the day (due Dec 10, 2026)"),
            ("due +1 2026-12-10", "the day after (due Dec 10, 2026)"),
            ("due +7 2026-12-10", "a week late (due Dec 10, 2026)"),
        ],
    )
    def test_it_says_when_it_went_out(self, reason: str, words: str) -> None:
        assert reasons.words(reason) == words

    def test_days_are_kept_as_text(self) -> None:
        assert reasons.parsed(reasons.stored((1, -3, 1))) == (-3, 1)
        assert reasons.parsed("") == ()
        assert len(reasons.stored(reasons.DAYS)) <= 40


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

    def test_whoever_chooses_who_is_asked_reads_the_same_numbers(self) -> None:
        """Else asking all but one, and then all, would tell how far that one is."""
        staff = people(Nurse=5, Medic=3, Pharmacist=1)

        def told(number: int) -> list[tuple[str, int, int]]:
            asked = [
                replace(one, is_asked=bool(number >> place & 1)) for place, one in enumerate(staff)
            ]
            return [
                (one.name, one.started, one.finished)
                for one in (count("All", asked), *count_by_job(asked))
            ]

        assert {tuple(told(number)) for number in range(2 ** len(staff))} == {
            (("All", 6, 4), ("Nurse", 4, 3), (OTHERS, 2, 1))
        }

    def test_of_one_or_two_it_is_told_when_all_have_finished(self) -> None:
        assert [is_told(1, 0), is_told(2, 1), is_told(2, 2), is_told(1, 1)] == [
            False,
            False,
            True,
            True,
        ]
        assert is_told(0, 0)
        assert is_told(3, 0)


RUNNING = Running(
    id=1,
    clinic_id=1,
    organization_id=1,
    clinic="Alder Clinic",
    organization="North Health",
    questionnaire="Six Building Blocks",
    quarter=Q4,
    state=State.OPEN,
    opened_at=NOW - timedelta(days=10),
    due_on=NOW.date() + timedelta(days=5),
    revealed_at=None,
    asked=6,
    by_account=2,
    started=4,
    finished=2,
    last_at=NOW - timedelta(days=2),
    reminded_at=None,
)
NOBODY = {"started": 0, "finished": 0, "by_account": 0, "last_at": None}
PAST = NOW.date() - timedelta(days=2)
ALL = {"by_account": 6, "finished": 6, "started": 6}
NO_ACCOUNTS = {"asked": 0, "by_account": 0}


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({}, Kind.RATING, "2 have finished, 6 are asked."),
        ({"by_account": 1, "finished": 1}, Kind.RATING, "1 has finished, 6 are asked."),
        ({"by_account": 0}, Kind.RATING, "None have finished, 6 are asked."),
        ({"asked": 2, "by_account": 1}, Kind.RATING, "2 are asked."),
        (
            NOBODY | {"asked": 1, "due_on": PAST},
            Kind.LATE,
            "The due day was 2 days ago. 1 is asked.",
        ),
        ({"asked": 2}, Kind.READY, "As many have finished as are asked. Hold the"),
        (NOBODY, Kind.NOBODY, "Open for 10 days, and nobody has started."),
        (NOBODY | {"opened_at": NOW}, Kind.RATING, "Just opened. Nobody has started yet."),
        (
            NOBODY | {"due_on": PAST},
            Kind.NOBODY_LATE,
            "The due day was 2 days ago, and nobody has started.",
        ),
        ({"due_on": PAST}, Kind.LATE, "The due day was 2 days ago. 2 have finished, 6 are asked."),
        ({"due_on": NOW.date()}, Kind.RATING, "2 have finished, 6 are asked."),
        (
            {"last_at": NOW - timedelta(days=7)},
            Kind.STUCK,
            "Nobody has started or finished for 7 days. 2 have finished, 6 are asked.",
        ),
        (ALL, Kind.READY, "As many have finished as are asked. Hold the meeting."),
        (ALL | {"due_on": PAST}, Kind.READY, "As many have finished as are asked. Hold the"),
        (
            {"asked": 0, "by_account": 0, "finished": 0, "started": 1, "due_on": PAST},
            Kind.LATE,
            "The due day was 2 days ago. Some ratings are begun and not finished.",
        ),
        (NO_ACCOUNTS, Kind.RATING, "2 have finished."),
        (NO_ACCOUNTS | {"finished": 1}, Kind.RATING, "1 has finished."),
        (
            NO_ACCOUNTS | {"due_on": PAST},
            Kind.READY,
            "The due day was 2 days ago. 2 have finished. Hold the meeting.",
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
