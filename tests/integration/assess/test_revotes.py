"""A second vote on one milestone: hidden until it is revealed, the last vote counts, no races."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue
from assess.holding import AssessmentClosed
from assess.meeting import revotes
from assess.meeting.holding import NotRevealed
from assess.meeting.models import Revote, RevoteAnswer
from assess.meeting.revotes import RevoteState
from assess.queries.revotes import Revotes, get_all_revotes, get_own_vote, get_revotes
from assess.raters import Rater
from core import tenancy
from core.audit import AuditEvent
from core.db import db
from core.errors import NotFound
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND = INSTRUMENT.milestones[:2]


@pytest.fixture
def revealed(app: Flask, cast: Cast) -> int:
    """An assessment that three people rated 1, 2 and 4, and saw."""
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        for person, level in ((cast.member, 1), (cast.second_member, 2), (cast.lead, 4)):
            seeding.rate_all(assessment, person, level)
        seeding.reveal(assessment)
    return assessment


@pytest.fixture
def opened(app: Flask, revealed: int) -> int:
    """The same, with a vote open on the first milestone."""
    with app.app_context():
        open_revote(revealed)
    return revealed


def open_revote(assessment: int, milestone: str = FIRST.key) -> int:
    number = revotes.open_revote(assessment_id=assessment, milestone=milestone, person_id=None)
    db.session.commit()
    return number


def vote(assessment: int, person: int, value: int | AnswerValue, number: int = 1) -> None:
    seeding.vote(assessment, FIRST.key, {person: value}, number)


def vote_all(assessment: int, cast: Cast, level: int, number: int = 1) -> None:
    """As many as it takes vote alike."""
    for person in (cast.member, cast.second_member, cast.lead):
        vote(assessment, person, level, number)


def reveal(assessment: int, number: int = 1) -> None:
    revotes.reveal_revote(assessment_id=assessment, milestone=FIRST.key, number=number)
    db.session.commit()


def cancel(assessment: int, number: int = 1) -> None:
    revotes.cancel_revote(assessment_id=assessment, milestone=FIRST.key, number=number)
    db.session.commit()


def found(assessment: int) -> Revotes:
    return get_revotes(assessment, FIRST)


def counts(rounds: Revotes) -> list[int]:
    assert rounds.latest is not None
    return [one.count for one in rounds.latest.counts]


def test_votes_are_counted_and_shown_only_once_revealed(
    app: Flask, cast: Cast, opened: int
) -> None:
    with app.app_context():
        vote(opened, cast.member, 2)
        vote(opened, cast.second_member, 3)
        vote(opened, cast.lead, DONT_KNOW)
        (hidden,) = found(opened).rounds
        assert (hidden.votes, hidden.spread, hidden.is_open) == (3, None, True)
        assert found(opened).latest is None
        reveal(opened)
        (shown,) = found(opened).rounds
        assert (shown.votes, shown.state) == (3, RevoteState.REVEALED)
        assert counts(found(opened)) == [0, 1, 1, 0]
        assert shown.spread is not None
        assert shown.spread.dont_know == 1


def test_an_open_vote_is_not_even_read(
    app: Flask, cast: Cast, opened: int, count_statements: CountStatements
) -> None:
    with app.app_context():
        vote(opened, cast.member, 2)
        with count_statements() as seen:
            found(opened)
    assert len([one for one in seen if "revote" in one]) == 1
    (statement,) = [one for one in seen if "revote" in one]
    assert "CASE WHEN" in statement, "the database itself leaves hidden votes out"


def test_the_last_vote_of_a_person_counts(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        for level in (1, 4, 3):
            vote(opened, cast.member, level)
            own = get_own_vote(opened, FIRST.key, Rater(person_id=cast.member))
            assert own == AnswerValue.level(level)
        assert get_own_vote(opened, FIRST.key, Rater(person_id=cast.lead)) is None
        vote(opened, cast.second_member, 2)
        vote(opened, cast.lead, 2)
        reveal(opened)
        assert counts(found(opened)) == [0, 2, 1, 0]
        assert get_own_vote(opened, FIRST.key, Rater(person_id=cast.member)) is None


def test_opening_twice_keeps_one_round_and_rounds_are_numbered(
    app: Flask, cast: Cast, opened: int
) -> None:
    with app.app_context():
        assert open_revote(opened) == 1
        vote_all(opened, cast, 2)
        reveal(opened)
        assert open_revote(opened) == 2
        vote(opened, cast.member, 3, number=2)
        assert counts(found(opened)) == [0, 3, 0, 0], "the round before still shows"
        cancel(opened, 2)
        assert [one.number for one in found(opened).rounds] == [1]
        assert open_revote(opened) == 3
        assert open_revote(opened, SECOND.key) == 1
        every = get_all_revotes(opened, INSTRUMENT)
        assert {key: len(one.rounds) for key, one in every.items()} == {FIRST.key: 2, SECOND.key: 1}


def test_a_cancelled_vote_is_forgotten(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        vote(opened, cast.member, 2)
        cancel(opened)
        cancel(opened)
        assert db.session.scalar(select(func.count(RevoteAnswer.id))) == 0
        with pytest.raises(revotes.VoteEnded):
            vote(opened, cast.member, 2)
        with pytest.raises(revotes.VoteEnded):
            reveal(opened)


def test_nothing_changes_after_the_reveal(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        vote_all(opened, cast, 2)
        reveal(opened)
        reveal(opened)
        with pytest.raises(revotes.VoteEnded):
            vote(opened, cast.lead, 4)
        with pytest.raises(revotes.VoteEnded):
            cancel(opened)
        open_revote(opened)
        with pytest.raises(revotes.VoteEnded):
            vote(opened, cast.lead, 4, number=1)  # meant for the round before
        assert counts(found(opened)) == [0, 3, 0, 0]


def test_votes_are_shown_from_three_on(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        for person in (cast.member, cast.second_member, cast.lead):
            with pytest.raises(revotes.TooFewVotes, match="Wait until 3 have voted"):
                reveal(opened)
            vote(opened, person, 2)
            vote(opened, person, 3)  # changed, not one more
        reveal(opened)
        assert counts(found(opened)) == [0, 0, 3, 0]


def test_a_team_of_two_shows_its_votes_when_both_are_in(app: Flask, cast: Cast) -> None:
    with app.app_context():
        small = seeding.open_assessment(cast.clinic)
        for person in (cast.member, cast.lead):
            seeding.rate_all(small, person)
        seeding.start_rating(small, cast.second_member)  # not finished, so it does not count
        seeding.reveal(small)
        open_revote(small)
        vote(small, cast.member, 2)
        with pytest.raises(revotes.TooFewVotes, match="Wait until 2 have voted"):
            reveal(small)
        vote(small, cast.lead, 3)
        reveal(small)
        assert counts(found(small)) == [0, 1, 1, 0]


@pytest.mark.parametrize("value", [AnswerValue.level(5), UNANSWERED, NOT_APPLICABLE])
def test_only_what_the_milestone_offers_is_taken(
    app: Flask, cast: Cast, opened: int, value: AnswerValue
) -> None:
    assert not FIRST.na_allowed
    with app.app_context(), pytest.raises(revotes.VoteRefused):
        vote(opened, cast.member, value)


def test_the_team_votes_between_reveal_and_closing(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        hidden = seeding.open_assessment(cast.clinic, "2026Q4")
        with pytest.raises(NotRevealed):
            open_revote(hidden)
        with pytest.raises(NotRevealed):
            vote(hidden, cast.member, 2)
        with pytest.raises(NotFound):
            open_revote(opened, "no_such_milestone")
        vote(opened, cast.member, 2)
        seeding.close(opened)
        for late in (open_revote, reveal, cancel):
            with pytest.raises(AssessmentClosed):
                late(opened)
        with pytest.raises(AssessmentClosed):
            vote(opened, cast.member, 3)


def test_the_audit_log_tells_the_steps_and_no_vote(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        vote_all(opened, cast, 2)
        reveal(opened)
        lines = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action.like("revote.%")).order_by(AuditEvent.id)
        ).all()
        assert [one.action for one in lines] == ["revote.opened", "revote.revealed"]
        assert "level" not in "".join(str(one.after) for one in lines)


def run_at_once(app: Flask, *steps: Callable[[], object]) -> list[str]:
    """What each step said, all begun at the same moment, each in a session of its own."""
    start = Barrier(len(steps))

    def run(step: Callable[[], object]) -> str:
        with app.app_context(), tenancy.whole_program():
            start.wait()
            try:
                step()
            except revotes.VoteEnded:
                return "ended"
            return "done"

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_a_double_tap_counts_once(app: Flask, cast: Cast, opened: int) -> None:
    taps = [lambda level=level: vote(opened, cast.member, level) for level in (1, 2, 3, 4)]
    assert run_at_once(app, *taps) == ["done"] * 4
    with app.app_context():
        assert [one.votes for one in found(opened).rounds] == [1]


def test_no_vote_is_taken_after_the_reveal(app: Flask, cast: Cast, opened: int) -> None:
    with app.app_context():
        for person in (cast.administrator, cast.researcher, cast.lead):
            vote(opened, person, 1)
    voters = (cast.member, cast.second_member, cast.coach)
    votes = [lambda person=person: vote(opened, person, 2) for person in voters]
    said = run_at_once(app, *votes, lambda: reveal(opened), lambda: reveal(opened))
    assert said[3:] == ["done", "done"]
    with app.app_context():
        assert sum(counts(found(opened))) == 3 + said[:3].count("done")


def test_opening_at_once_opens_one_round(app: Flask, revealed: int) -> None:
    assert run_at_once(app, *[lambda: open_revote(revealed)] * 4) == ["done"] * 4
    with app.app_context():
        assert db.session.scalar(select(func.count(Revote.id))) == 1
