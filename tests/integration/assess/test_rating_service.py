"""Saving, finishing and scoring, on both databases, without a page in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from assess import answered_texts, service
from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue, SentAnswer
from assess.holding import AssessmentClosed, RatingEnded
from assess.models import OVERALL, AgreedLevel, Answer, AnswerChange, Assessment, BlockScore, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.queries.ratings import get_answers
from assess.rating import giving
from assess.rating.holding import hold_rating
from assess.rating.merging import Merge
from assess.scoring import Basis
from core import clock
from core.db import db
from core.errors import Conflict, NotFound
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND, THIRD = (milestone.key for milestone in INSTRUMENT.blocks[0].milestones[:3])
BLOCK = INSTRUMENT.blocks[0].id
ALWAYS_APPLIES = next(one.key for one in INSTRUMENT.milestones if not one.na_allowed)


@pytest.fixture
def context(app: Flask, cast: Cast) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def assessment(context: None, cast: Cast) -> int:
    return seeding.open_assessment(cast.clinic, "2026Q3")


@pytest.fixture
def rating(assessment: int, cast: Cast) -> int:
    return seeding.start_rating(assessment, cast.member)


def save(rating: int, *sent: SentAnswer, key: str | None = None) -> Merge:
    target = hold_rating(rating)
    merged = giving.save_answers(
        rating=target, sent=sent, person_id=target.person_id, request_key=key
    )
    db.session.commit()
    return merged


def level(milestone: str, value: int, *, revision: int = 0, note: str | None = None) -> SentAnswer:
    return SentAnswer(milestone, AnswerValue.level(value), note, revision)


def history(rating: int) -> list[tuple[str, int | None, int | None, int]]:
    rows = db.session.execute(
        select(
            AnswerChange.milestone,
            AnswerChange.old_level,
            AnswerChange.new_level,
            AnswerChange.revision,
        )
        .where(AnswerChange.rating_id == rating)
        .order_by(AnswerChange.id)
    )
    return [(row.milestone, row.old_level, row.new_level, row.revision) for row in rows]


def scores(assessment: int, basis: Basis = Basis.RATINGS) -> dict[str, float | None]:
    rows = db.session.execute(
        select(BlockScore.block, BlockScore.score).where(
            BlockScore.assessment_id == assessment, BlockScore.basis == basis
        )
    )
    return {row.block: row.score for row in rows}


def test_an_answer_is_stored_and_each_change_is_kept(rating: int) -> None:
    assert save(rating, level(FIRST, 2, note="Minutes of May")).revisions == {FIRST: 1}
    assert save(rating, level(FIRST, 3, revision=1)).revisions == {FIRST: 2}
    stored = get_answers(rating)[FIRST]
    assert (stored.value, stored.note, stored.revision) == (
        AnswerValue.level(3),
        "Minutes of May",
        2,
    )
    assert history(rating) == [(FIRST, None, 2, 1), (FIRST, 2, 3, 2)]


def test_an_answer_can_be_cleared(rating: int) -> None:
    save(rating, level(FIRST, 2))
    save(rating, SentAnswer(FIRST, UNANSWERED, None, 1))
    assert get_answers(rating)[FIRST].value == UNANSWERED
    assert history(rating)[-1] == (FIRST, 2, None, 2)


def test_the_same_answer_again_changes_nothing(rating: int) -> None:
    save(rating, level(FIRST, 2))
    assert save(rating, level(FIRST, 2)).revisions == {FIRST: 1}
    assert len(history(rating)) == 1


def test_a_repeated_request_gets_its_first_reply_even_after_a_later_change(rating: int) -> None:
    save(rating, level(FIRST, 2), key="a")
    save(rating, level(FIRST, 4, revision=1), key="b")
    again = save(rating, level(FIRST, 2), key="a")
    assert (again.revisions, again.clashes) == ({FIRST: 1}, ())
    assert get_answers(rating)[FIRST].value == AnswerValue.level(4)
    assert len(history(rating)) == 2


@pytest.mark.parametrize(
    ("ending", "refusal"), [(seeding.reveal, RatingEnded), (seeding.close, AssessmentClosed)]
)
def test_a_repeated_request_gets_its_first_reply_also_when_the_ratings_were_shown_meanwhile(
    assessment: int, rating: int, ending: Callable[[int], None], refusal: type[Conflict]
) -> None:
    """Its first reply was lost: the answers are in the results, and nobody must think otherwise."""
    first = save(rating, level(FIRST, 2), level(SECOND, 3), key="one")
    seeding.finish(rating)
    ending(assessment)
    assert save(rating, level(FIRST, 2), level(SECOND, 3), key="one") == Merge(
        (), first.revisions, ()
    )
    assert save(rating, level(FIRST, 2), key="another").revisions == {FIRST: 1}
    late = (
        [level(FIRST, 4)],  # the same key for something else
        [level(FIRST, 2), level(THIRD, 1)],
        [SentAnswer("no-such-milestone", UNANSWERED, None, 0)],
        [],
    )
    for batch in late:
        with pytest.raises(refusal):
            save(rating, *batch, key="one")
    assert len(history(rating)) == 2


def test_a_clock_that_goes_backwards_loses_no_change(rating: int) -> None:
    now = clock.now()
    for revision, moment in enumerate((now, now - timedelta(days=400))):
        with clock.frozen_at(moment):
            assert save(rating, level(FIRST, 2 + revision, revision=revision)).changes
    assert history(rating) == [(FIRST, None, 2, 1), (FIRST, 2, 3, 2)]
    assert get_answers(rating)[FIRST].value == AnswerValue.level(3)


def test_an_older_revision_with_another_value_clashes_and_the_rest_is_saved(rating: int) -> None:
    save(rating, level(FIRST, 2, note="Here"))
    merged = save(rating, level(FIRST, 4, note="There"), level(SECOND, 3))
    assert [clash.sent.milestone for clash in merged.clashes] == [FIRST]
    assert (merged.clashes[0].stored.note, merged.clashes[0].stored.revision) == ("Here", 1)
    assert merged.revisions == {SECOND: 1}
    assert get_answers(rating)[FIRST].value == AnswerValue.level(2)
    assert get_answers(rating)[SECOND].value == AnswerValue.level(3)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        (level(FIRST, 5), "level", "Choose a level from 1 to 4"),
        (level(FIRST, 0), "level", "Choose a level from 1 to 4"),
        (level("no-such", 2), "milestone", "no such milestone"),
        (level(FIRST, 2, note="x" * 2003), "note", "3 characters too long"),
        (level(FIRST, 2, note="x" * 2001), "note", "1 character too long"),
        (SentAnswer(ALWAYS_APPLIES, NOT_APPLICABLE, None, 0), "level", "applies to every clinic"),
    ],
)
def test_an_impossible_answer_refuses_the_batch_and_names_the_fix(
    rating: int, sent: SentAnswer, field: str, words: str
) -> None:
    with pytest.raises(giving.AnswersRefused) as refused:
        save(rating, level(THIRD, 2), sent)
    (problem,) = refused.value.problems
    assert (problem.milestone, problem.field) == (sent.milestone, field)
    assert words in problem.message
    assert get_answers(rating) == {}


def test_the_same_milestone_twice_is_refused(rating: int) -> None:
    with pytest.raises(giving.AnswersRefused, match="sent twice"):
        save(rating, level(FIRST, 2), level(FIRST, 3))


def test_only_finished_ratings_count_and_only_from_the_reveal(
    assessment: int, rating: int, cast: Cast
) -> None:
    seeding.rate(rating, {FIRST: 2, SECOND: 3, THIRD: 4})
    seeding.finish(rating)
    seeding.rate(seeding.start_rating(assessment, cast.second_member), {FIRST: 1, SECOND: 1})
    assert scores(assessment) == {}
    seeding.reveal(assessment)
    assert scores(assessment)[BLOCK] == 3.0
    assert scores(assessment)[OVERALL] is None


def test_a_change_after_finishing_counts_until_the_reveal(assessment: int, cast: Cast) -> None:
    rating = seeding.rate_all(assessment, cast.member, 2)
    seeding.rate_all(assessment, cast.second_member, 3)
    save(rating, level(FIRST, 4, revision=1))
    seeding.reveal(assessment)
    assert scores(assessment)[BLOCK] == pytest.approx((3.5 + 2.5 + 2.5) / 3)
    with pytest.raises(RatingEnded):
        save(rating, level(FIRST, 1, revision=2))
    assert get_answers(rating)[FIRST].value == AnswerValue.level(4)


def test_nobody_begins_or_finishes_after_the_reveal(
    assessment: int, rating: int, cast: Cast
) -> None:
    seeding.rate(rating, {FIRST: 2})
    seeding.reveal(assessment)
    with pytest.raises(RatingEnded):
        seeding.finish(rating)
    with pytest.raises(RatingEnded):
        seeding.start_rating(assessment, cast.second_member)


def test_a_rating_without_an_answer_is_not_finished(rating: int) -> None:
    with pytest.raises(giving.NothingAnswered, match="at least one"):
        seeding.finish(rating)
    seeding.rate(rating, {FIRST: 2})
    save(rating, SentAnswer(FIRST, UNANSWERED, None, 1))
    with pytest.raises(giving.NothingAnswered):
        seeding.finish(rating)


def test_a_finished_rating_counts_no_more_when_its_last_answer_is_taken_away(rating: int) -> None:
    seeding.rate(rating, {FIRST: 2, SECOND: DONT_KNOW})
    seeding.finish(rating)
    save(rating, SentAnswer(FIRST, UNANSWERED, None, 1))
    assert hold_rating(rating).is_finished
    save(rating, SentAnswer(SECOND, UNANSWERED, None, 1))
    assert not hold_rating(rating).is_finished


def test_closing_before_the_reveal_shows_what_was_rated(assessment: int, cast: Cast) -> None:
    seeding.rate_all(assessment, cast.member, 2)
    seeding.close(assessment)
    assert scores(assessment)[OVERALL] == 2.0
    assert db.session.get_one(Assessment, assessment).revealed_at is not None


def test_agreed_levels_are_scored_beside_the_ratings(assessment: int, cast: Cast) -> None:
    seeding.rate_all(assessment, cast.member, 2)
    db.session.add(
        AgreedLevel(
            organization_id=cast.organization,
            clinic_id=cast.clinic,
            assessment_id=assessment,
            milestone=FIRST,
            state="level",
            level=4,
            agreed_at=clock.now(),
        )
    )
    service.record_scores(assessment)
    assert scores(assessment, Basis.AGREED) == {}, "the team is still talking"
    db.session.get_one(Assessment, assessment).agreed_at = clock.now()
    service.record_scores(assessment)
    assert scores(assessment)[BLOCK] == 2.0
    assert scores(assessment, Basis.AGREED)[BLOCK] is None


def test_dont_know_and_not_applicable_are_answers_without_a_level(rating: int) -> None:
    allowed = next(one.key for one in INSTRUMENT.milestones if one.na_allowed)
    seeding.rate(rating, {FIRST: DONT_KNOW, allowed: NOT_APPLICABLE})
    assert get_answers(rating)[FIRST].value == DONT_KNOW
    assert get_answers(rating)[allowed].value == NOT_APPLICABLE


def test_a_closed_assessment_takes_nothing_and_loses_nothing(assessment: int, cast: Cast) -> None:
    rating = seeding.rate_all(assessment, cast.member, 2)
    seeding.close(assessment)
    with pytest.raises(AssessmentClosed):
        save(rating, level(FIRST, 4, revision=1))
    with pytest.raises(AssessmentClosed):
        giving.start_rating(assessment_id=assessment, person_id=cast.second_member)
    with pytest.raises(AssessmentClosed):
        service.close_assessment(assessment_id=assessment)
    assert get_answers(rating)[FIRST].value == AnswerValue.level(2)


def test_an_assessment_is_revealed_once(assessment: int) -> None:
    seeding.reveal(assessment)
    assert db.session.get_one(Assessment, assessment).state == State.REVEALED
    with pytest.raises(Conflict):
        service.reveal_assessment(assessment_id=assessment)


def test_starting_twice_gives_the_same_sheet(assessment: int, rating: int, cast: Cast) -> None:
    assert seeding.start_rating(assessment, cast.member) == rating


def test_finishing_twice_keeps_the_first_moment(rating: int) -> None:
    seeding.rate(rating, {FIRST: 2})
    seeding.finish(rating)
    seeding.finish(rating)
    assert hold_rating(rating).is_finished


def test_a_clinic_has_one_assessment_of_a_questionnaire_in_a_quarter(
    assessment: int, cast: Cast
) -> None:
    with pytest.raises(Conflict, match="Q3 2026"):
        seeding.open_assessment(cast.clinic, "2026Q3")
    assert seeding.open_assessment(cast.clinic, "2026Q4") != assessment


def test_the_answered_text_is_kept_and_handed_out(assessment: int) -> None:
    version = db.session.get_one(Assessment, assessment).questionnaire_version_id
    assert answered_texts.keep_questionnaire(INSTRUMENT) == version
    assert get_instrument(version) == INSTRUMENT
    with pytest.raises(NotFound):
        get_instrument(version + 1)


def test_a_changed_file_of_a_used_version_is_refused(assessment: int) -> None:
    changed = catalog.parse(INSTRUMENT.document + "\n# later", source="changed")
    with pytest.raises(Conflict, match="new version"):
        answered_texts.keep_questionnaire(changed)


def test_unknown_things_are_not_found(context: None) -> None:
    with pytest.raises(NotFound):
        hold_rating(1)
    with pytest.raises(NotFound):
        service.record_scores(1)
    with pytest.raises(NotFound):
        service.open_assessment(clinic_id=99, instrument=INSTRUMENT, quarter=Quarter(2026, 3))


@pytest.mark.parametrize("finished", [False, True])
def test_saving_takes_as_many_statements_for_two_raters_as_for_one(
    rating: int, assessment: int, cast: Cast, finished: bool, count_statements: CountStatements
) -> None:
    if finished:
        seeding.rate(rating, {SECOND: 1})
        seeding.finish(rating)
    hold_rating(rating)  # reads the questionnaire, once in the life of the process
    counts = []
    for revision in range(2):
        db.session.connection()  # on PostgreSQL a transaction begins by saying its reach
        with count_statements() as seen:
            save(rating, level(FIRST, revision + 2, revision=revision), key="k")
        counts.append(len(seen))
        if revision == 0:
            seeding.rate_all(assessment, cast.second_member, 3)
    assert counts[0] == counts[1] <= 6  # and one more for who is asking


def test_answers_of_others_are_left_alone(assessment: int, rating: int, cast: Cast) -> None:
    other = seeding.rate_all(assessment, cast.second_member, 3)
    save(rating, level(FIRST, 1))
    assert get_answers(other)[FIRST].value == AnswerValue.level(3)
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 27
