"""One person, one vote: who rated on a device without an account signs in on it later."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.guard import DEVICE_COOKIE
from accounts.models import Person
from assess.following.steps import hide_again
from assess.models import AnswerChange, JoinedDevice, Rating
from assess.queries.ratings import get_answers, get_score_sources
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
FIRST, SECOND = (one.key for one in catalog.get("six_building_blocks").milestones[:2])


class Phone:
    """A phone that rated by the join link, on which somebody signs in afterwards."""

    def __init__(self, app: Flask, assessment: int, client: CheckingClient, **fields: str) -> None:
        self.app, self.assessment, self.client = app, assessment, client
        with app.app_context():
            self.code = seeding.make_join_link(assessment, secret=str(app.secret_key))
        client.send(f"/j/{self.code}", fields, page=f"/j/{self.code}")
        with app.app_context():
            self.rating = db.session.scalars(select(JoinedDevice.rating_id)).one()
        self.token = client.get_cookie(DEVICE_COOKIE).value  # type: ignore[union-attr]

    def rate(self, *, finish: bool = True) -> Phone:
        with self.app.app_context():
            seeding.rate(self.rating, {FIRST: 2, SECOND: 4})
            if finish:
                seeding.finish(self.rating)
        return self

    def of(self, browser: CheckingClient) -> CheckingClient:
        """The same phone, with this person signed in on it."""
        browser.set_cookie(DEVICE_COOKIE, self.token)
        return browser

    @property
    def page(self) -> str:
        return f"/assessments/{self.assessment}/rate"

    def choose(self, browser: CheckingClient, choice: str) -> None:
        answer = browser.send(f"{self.page}/claim", {"choice": choice}, page=self.page)
        assert (answer.status_code, answer.location) == (303, self.page)

    def ratings(self) -> dict[int, tuple[int | None, bool]]:
        """Of each rating whose it is and whether it counts."""
        with self.app.app_context():
            rows = db.session.execute(select(Rating.id, Rating.person_id, Rating.submitted_at))
            return {row.id: (row.person_id, row.submitted_at is not None) for row in rows}

    def raters(self) -> int:
        with self.app.app_context():
            return len(get_score_sources(self.assessment)[0])


@pytest.fixture
def phone(app: Flask, assessment: int, client: CheckingClient) -> Phone:
    return Phone(app, assessment, client)


@pytest.mark.parametrize("has_begun", [False, True])
def test_what_the_device_rated_becomes_the_persons_own(
    app: Flask, cast: Cast, signed_in: SignedIn, phone: Phone, has_begun: bool
) -> None:
    browser = phone.rate().of(signed_in(cast.member))
    if has_begun:  # an empty sheet of their own is in nobody's way
        browser.send(phone.page, page=phone.page)
    assert browser.get(f"/j/{phone.code}").location == phone.page
    page = browser.get(phone.page).text
    assert "On this device a rating without an account is finished, with 2 of 26" in page
    phone.choose(browser, "mine")
    assert phone.ratings() == {phone.rating: (cast.member, True)}
    assert phone.raters() == 1
    page = browser.get(phone.page).text
    assert "2 of 26 answered" in page
    assert "Was this you?" not in page
    with app.app_context():
        assert {key: one.value.value for key, one in get_answers(phone.rating).items()} == {
            FIRST: 2,
            SECOND: 4,
        }
        assert len(db.session.scalars(select(AnswerChange)).all()) == 2
        told = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert told is not None
        assert told.action == "rating.claimed"
    # the device itself can open it no more without the sign-in
    phone.client.set_cookie(DEVICE_COOKIE, phone.token)
    assert phone.client.get(phone.page).status_code != 200


@pytest.mark.parametrize("was_shown", [False, True])
def test_the_job_becomes_the_persons_unless_results_were_shown_with_the_other_one(
    app: Flask, cast: Cast, signed_in: SignedIn, phone: Phone, was_shown: bool
) -> None:
    """Two results that differ by one moved rating would tell what it says."""
    phone.rate()
    with app.app_context():
        db.session.get_one(Person, cast.member).job_role = "nurse"
        db.session.get_one(Rating, phone.rating).job_role = "front_desk"
        db.session.commit()
        if was_shown:
            seeding.reveal(phone.assessment)
            hide_again(assessment_id=phone.assessment, reason="Too early", has_plan=lambda _: False)
            db.session.commit()
    phone.choose(phone.of(signed_in(cast.member)), "mine")
    with app.app_context():
        rating = db.session.get_one(Rating, phone.rating)
        assert rating.person_id == cast.member
        assert rating.job_role == ("front_desk" if was_shown else "nurse")


def test_who_has_rated_with_the_account_takes_the_other_one_back(
    app: Flask, cast: Cast, signed_in: SignedIn, phone: Phone
) -> None:
    phone.rate()
    with app.app_context():
        own = seeding.rate_all(phone.assessment, cast.member, 3)
    browser = phone.of(signed_in(cast.member))
    assert phone.raters() == 2
    assert "You rate with your account, too" in browser.get(phone.page).text
    phone.choose(browser, "mine")  # from an old page: two cannot become one
    assert phone.ratings() == {phone.rating: (None, True), own: (cast.member, True)}
    phone.choose(browser, "back")
    assert phone.ratings() == {phone.rating: (None, False), own: (cast.member, True)}
    assert phone.raters() == 1
    assert "Was this you?" not in browser.get(phone.page).text
    with app.app_context():
        assert len(get_answers(phone.rating)) == 2


def test_a_colleagues_rating_may_stay_as_it_is(
    cast: Cast, signed_in: SignedIn, phone: Phone
) -> None:
    browser = phone.rate().of(signed_in(cast.member))
    browser.send(phone.page, page=phone.page)
    assert phone.ratings()[phone.rating] == (None, True)


@pytest.mark.parametrize("why", ["shared", "nothing answered", "somebody else's", "revealed"])
def test_nothing_is_offered_or_taken_that_is_no_sign_of_the_person(
    app: Flask,
    cast: Cast,
    assessment: int,
    client: CheckingClient,
    signed_in: SignedIn,
    why: str,
) -> None:
    phone = Phone(app, assessment, client, **({"is_shared": "y"} if why == "shared" else {}))
    if why != "nothing answered":
        phone.rate()
    browser = signed_in(cast.member)
    if why != "somebody else's":
        phone.of(browser)
    if why == "revealed":
        with app.app_context():
            seeding.reveal(assessment)
    before = phone.ratings()
    assert "Was this you?" not in browser.get(phone.page).text
    for choice in ("mine", "back"):
        token = {"csrf_token": browser.csrf_token("/help"), "choice": choice}
        answer = browser.post(f"{phone.page}/claim", data=token)
        assert answer.status_code == (409 if why == "revealed" else 303)
    assert phone.ratings() == before


def test_a_device_alone_and_a_person_of_another_clinic_get_nothing(
    cast: Cast, signed_in: SignedIn, phone: Phone
) -> None:
    phone.rate()
    before = phone.ratings()
    phone.choose(phone.client, "mine")
    browser = phone.of(signed_in(cast.member_of_other_clinic))
    token = {"csrf_token": browser.csrf_token("/help"), "choice": "mine"}
    assert browser.post(f"{phone.page}/claim", data=token).status_code == 404
    assert phone.ratings() == before


def test_only_a_browser_that_joined_pays_for_the_question(
    cast: Cast, signed_in: SignedIn, phone: Phone, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.member)
    with count_statements() as without:
        browser.get(phone.page)
    phone.rate().of(browser)
    with count_statements() as with_one:
        browser.get(phone.page)
    assert len(with_one) == len(without) + 1


def test_the_start_page_names_the_account(client: CheckingClient, phone: Phone) -> None:
    client.delete_cookie(DEVICE_COOKIE)
    page = client.get(f"/j/{phone.code}").text
    assert "Do you have an account here?" in page
    assert f'href="/sign-in?next=/j/{phone.code}"' in page
