"""On PostgreSQL raters save beside each other, and who shows the results has them for himself.

Each step stands in a transaction of its own thread, so that the other one can be seen waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select, text

from assess import service
from assess.answers import AnswerValue, SentAnswer
from assess.holding import AssessmentClosed, RatingEnded
from assess.models import BlockScore, Rating
from assess.queries.ratings import get_answers
from assess.rating import giving
from assess.rating.holding import hold_rating
from core import tenancy
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

pytestmark = [
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
    pytest.mark.postgresql,
]
KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
PATIENCE = 20.0


@dataclass(slots=True)
class Step:
    """Work in a transaction that stays open when it is done, until `end`."""

    work: Callable[[], object]
    is_done: Event = field(default_factory=Event)
    may_end: Event = field(default_factory=Event)
    future: Future[None] = field(default_factory=Future)

    def run(self, app: Flask) -> None:
        with app.app_context(), tenancy.whole_program():
            self.work()
            self.is_done.set()
            assert self.may_end.wait(PATIENCE)
            db.session.commit()

    def end(self) -> None:
        """Commit, and raise what went wrong."""
        self.may_end.set()
        self.future.result(PATIENCE)


Begin = Callable[[Callable[[], object]], Step]


@pytest.fixture
def begin(app: Flask) -> Iterator[Begin]:
    """begin(work): a step that has begun, in its own thread and transaction."""
    steps: list[Step] = []
    with ThreadPoolExecutor(4) as pool:

        def begin(work: Callable[[], object]) -> Step:
            step = Step(work)
            step.future = pool.submit(step.run, app)
            steps.append(step)
            return step

        yield begin
        for step in steps:
            step.may_end.set()


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return seeding.open_assessment(cast.clinic)


@pytest.fixture
def ratings(app: Flask, cast: Cast, assessment: int) -> list[int]:
    """Three that are finished, with level 1 throughout."""
    with app.app_context():
        people = (cast.member, cast.second_member, cast.lead)
        return [seeding.rate_all(assessment, person, 1) for person in people]


def saving(rating: int, level: int = 4) -> Callable[[], object]:
    sent = [SentAnswer(key, AnswerValue.level(level), None, revision=1) for key in KEYS]

    def save() -> object:
        target = hold_rating(rating)
        return giving.save_answers(
            rating=target, sent=sent, person_id=target.person_id, request_key="one"
        )

    return save


def done(step: Step) -> None:
    assert step.is_done.wait(PATIENCE)


def waiting(app: Flask, count: int = 1) -> None:
    """Return when so many transactions of this database wait for another one."""
    asked = text(
        "select count(*) from pg_locks join pg_stat_activity using (pid)"
        " where not granted and datname = current_database()"
    )
    end = time.monotonic() + PATIENCE
    with app.app_context():
        while db.session.scalar(asked) != count:
            assert time.monotonic() < end, f"not {count} of them wait"
            db.session.rollback()
            time.sleep(0.01)


def overall(assessment: int) -> tuple[float | None, int | None]:
    row = db.session.scalars(
        select(BlockScore).filter_by(assessment_id=assessment, block="overall")
    ).one()
    return row.score, row.raters


def test_raters_do_not_wait_for_each_other(
    app: Flask, cast: Cast, assessment: int, ratings: list[int], begin: Begin
) -> None:
    first = begin(saving(ratings[0]))
    done(first)
    begun: list[int] = []
    others = (
        saving(ratings[1]),
        lambda: giving.finish_rating(rating=hold_rating(ratings[2])),
        lambda: begun.append(
            giving.start_rating(assessment_id=assessment, person_id=cast.administrator)
        ),
    )
    for other in others:
        step = begin(other)
        done(step)
        step.end()
    first.end()
    with app.app_context():
        assert db.session.get_one(Rating, begun[0]).person_id == cast.administrator


@pytest.mark.parametrize("ending", [service.reveal_assessment, service.close_assessment])
def test_the_results_wait_for_whoever_saves_and_hold_what_was_saved(
    app: Flask, assessment: int, ratings: list[int], begin: Begin, ending: Callable[..., None]
) -> None:
    saves = begin(saving(ratings[0]))
    done(saves)
    shows = begin(lambda: ending(assessment_id=assessment))
    waiting(app)
    assert not shows.is_done.is_set()
    saves.end()
    done(shows)
    shows.end()
    with app.app_context():
        assert overall(assessment) == (2.0, 3)


@pytest.mark.parametrize(
    ("ending", "refusal"),
    [
        (service.reveal_assessment, RatingEnded),
        (service.close_assessment, AssessmentClosed),
    ],
)
def test_who_saves_while_the_results_are_shown_waits_and_is_refused(
    app: Flask,
    assessment: int,
    ratings: list[int],
    begin: Begin,
    ending: Callable[..., None],
    refusal: type[Exception],
) -> None:
    shows = begin(lambda: ending(assessment_id=assessment))
    done(shows)
    saves = begin(saving(ratings[0]))
    waiting(app)
    shows.end()
    with pytest.raises(refusal):
        saves.end()
    with app.app_context():
        assert overall(assessment) == (1.0, 3)
        assert get_answers(ratings[0])[KEYS[0]].value == AnswerValue.level(1)


def test_nobody_who_comes_later_saves_before_the_results_are_shown(
    app: Flask, assessment: int, ratings: list[int], begin: Begin
) -> None:
    """Or many who save without a pause could keep a team waiting for its results."""
    first = begin(saving(ratings[0]))
    done(first)
    shows = begin(lambda: service.reveal_assessment(assessment_id=assessment))
    waiting(app)
    later = begin(saving(ratings[1]))
    waiting(app, 2)
    first.end()
    done(shows)
    assert not later.is_done.is_set()
    shows.end()
    with pytest.raises(RatingEnded):
        later.end()
    with app.app_context():
        assert overall(assessment) == (2.0, 3)


def test_two_who_show_the_results_at_once_do_not_block_each_other(
    app: Flask, assessment: int, ratings: list[int], begin: Begin
) -> None:
    saves = begin(saving(ratings[0]))
    done(saves)
    shows = [
        begin(lambda: service.reveal_assessment(assessment_id=assessment)),
        begin(lambda: service.close_assessment(assessment_id=assessment)),
    ]
    waiting(app, 2)
    saves.end()
    for step in shows:
        step.may_end.set()
    failures = [step.future.exception(PATIENCE) for step in shows]
    assert [type(one).__name__ for one in failures if one] in ([], ["Conflict"])
    with app.app_context():
        assert overall(assessment) == (2.0, 3)


def test_of_two_tabs_the_second_waits_and_is_told_of_the_first(
    app: Flask, ratings: list[int], begin: Begin
) -> None:
    """Two batches with one key and one revision at the same moment are stored once."""
    first = begin(saving(ratings[0], 3))
    done(first)
    again = begin(saving(ratings[0], 3))
    waiting(app)
    first.end()
    done(again)
    again.end()
    with app.app_context():
        assert {one.revision for one in get_answers(ratings[0]).values()} == {2}


def test_a_save_cut_off_by_the_database_is_to_be_sent_again_and_is_one_line_in_the_log(
    app: Flask,
    cast: Cast,
    ratings: list[int],
    begin: Begin,
    signed_in: Callable[[int], CheckingClient],
    capsys: pytest.CaptureFixture[str],
) -> None:
    browser = signed_in(cast.member)
    headers = {"X-CSRFToken": browser.csrf_token("/help")}
    answer = {"milestone": KEYS[0], "state": "level", "level": 4, "revision": 1}
    path, body = f"/ratings/{ratings[0]}/answers", {"key": "one", "answers": [answer]}
    other_tab = begin(lambda: hold_rating(ratings[0]))
    done(other_tab)
    capsys.readouterr()
    with ThreadPoolExecutor(1) as pool:
        save = pool.submit(browser.put, path, json=body, headers=headers)
        waiting(app)
        with app.app_context():
            cut_off = "select pg_terminate_backend(pid) from pg_locks where not granted"
            db.session.execute(text(cut_off))
        reply = save.result(PATIENCE)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert reply.json["message"].startswith("This was not saved.")  # type: ignore[index]
    (line,) = capsys.readouterr().err.splitlines()
    assert "database error" in line
    assert "AdminShutdown: terminating connection" in line
    other_tab.end()
    again = browser.put(path, json=body, headers=headers)
    assert again.json == {"saved": {KEYS[0]: 2}, "conflicts": []}
