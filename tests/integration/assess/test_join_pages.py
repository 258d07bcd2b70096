"""Rating without an account, as a visitor with the code meets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from assess.answers import AnswerValue
from assess.joining import links
from assess.joining.codes import make_code, show_code
from assess.models import JoinedDevice, JoinLink, Rating
from assess.queries.ratings import get_answers
from assess.views.joining import WRONG_CODES
from core import clock
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
Device = Callable[[], CheckingClient]

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND = (one.key for one in INSTRUMENT.milestones[:2])
FIRST_BLOCK = INSTRUMENT.blocks[0].id


@pytest.fixture
def code(app: Flask, cast: Cast, assessment: int) -> str:
    """The code of the open assessment's link."""
    with app.app_context():
        return seeding.make_join_link(assessment, secret=str(app.secret_key))


@pytest.fixture
def device(app: Flask) -> Device:
    """device() is a fresh phone."""
    return app.test_client  # type: ignore[return-value]


def start(browser: CheckingClient, code: str, **fields: str) -> TestResponse:
    return browser.send(f"/j/{code}", fields, page=f"/j/{code}")


def put(
    browser: CheckingClient, rating: int, milestone: str = FIRST, level: int = 3
) -> TestResponse:
    answer = {"milestone": milestone, "state": "level", "level": level, "revision": 0}
    return browser.put(
        f"/ratings/{rating}/answers",
        json={"key": f"{milestone} {level}", "answers": [answer]},
        headers={"X-CSRFToken": browser.csrf_token("/help")},
    )


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def newest_rating(app: Flask) -> Rating:
    with app.app_context():
        return db.session.scalars(select(Rating).order_by(Rating.id.desc())).first()  # type: ignore[return-value]


def test_a_code_shows_what_it_is_about_and_needs_no_account(
    client: CheckingClient, code: str
) -> None:
    page = text(client.get(f"/j/{code}"))
    for words in ("Alder Clinic", "Q3 2026", "About ten minutes", "26 milestones", "No account"):
        assert words in page
    assert "Nobody sees your single answers" in page
    assert "Sign in" in page


def test_starting_leads_straight_to_the_first_block(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    answer = start(client, code, job_role="Nurse")
    assert answer.status_code == 303
    assert answer.location == f"/assessments/{assessment}/rate/{FIRST_BLOCK}"
    page = text(client.get(answer.location))
    assert INSTRUMENT.milestones[0].title in page
    rating = newest_rating(app)
    assert (rating.person_id, rating.job_role, rating.source) == (None, "Nurse", "web")
    assert rating.device_token_sha256 is not None


def test_the_cookie_is_closed_to_scripts_and_lasts_two_weeks_longer_than_the_link(
    app: Flask, client: CheckingClient, code: str
) -> None:
    start(client, code)
    cookie = client.get_cookie("blockwise-device")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
    with app.app_context():
        link = db.session.scalars(select(JoinLink)).one()
        device = db.session.scalars(select(JoinedDevice)).one()
        assert device.expires_at - link.expires_at == timedelta(days=14)
        left = (device.expires_at - clock.now()).total_seconds()
        assert cookie.max_age == pytest.approx(left, abs=60)
        assert cookie.value.encode() not in device.token_sha256


def test_a_shared_device_forgets_with_its_browser(client: CheckingClient, code: str) -> None:
    start(client, code, is_shared="y")
    cookie = client.get_cookie("blockwise-device")
    assert cookie is not None
    assert cookie.max_age is None
    assert cookie.expires is None


def test_nothing_of_an_account_is_shown_and_no_page_that_needs_one_is_linked(
    client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    for page in ("", f"/{FIRST_BLOCK}", "/check"):
        html = text(client.get(f"/assessments/{assessment}/rate{page}"))
        for absent in ("/clinics/", "/sign-in", "/sign-out", "/results", 'class="wheel'):
            assert absent not in html, (page, absent)


def test_a_device_rates_from_start_to_finish(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    address = f"/assessments/{assessment}/rate"
    for block in INSTRUMENT.blocks:
        fields = {f"level-{one.key}": "2" for one in block.milestones}
        answer = client.send(f"{address}/{block.id}", fields, page=f"{address}/{block.id}")
        assert answer.status_code == 302
    done = client.send(f"{address}/finish", page=f"{address}/check")
    assert done.location == f"{address}/done"
    page = text(client.get(done.location))
    assert "26 of 26 milestones answered" in page
    assert "What happens next" in page
    assert "/clinics/" not in page
    assert newest_rating(app).submitted_at is not None


def test_the_job_is_asked_only_when_the_lead_wants_it(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    assert "Your job role" in text(client.get(f"/j/{code}"))
    with app.app_context():
        today = clock.today()
        links.change_link(assessment_id=assessment, last_day=today, asks_job_role=False)
        db.session.commit()
    assert "Your job role" not in text(client.get(f"/j/{code}"))
    start(client, code, job_role="Nurse")
    assert newest_rating(app).job_role is None


def test_a_job_that_is_not_on_the_list_is_refused_in_words(
    client: CheckingClient, code: str
) -> None:
    answer = start(client, code, job_role="Astronaut")
    assert answer.status_code == 422
    assert "Choose one of the options shown" in text(answer)


@pytest.mark.parametrize("written", [str.lower, show_code, lambda code: f" {code[:4]} {code[4:]}"])
def test_a_typed_code_is_read_however_it_is_written(
    client: CheckingClient, code: str, written: Callable[[str], str]
) -> None:
    answer = client.get("/j", query_string={"code": written(code)})
    assert answer.location == f"/j/{code}"


def test_a_code_of_the_wrong_length_is_named_at_the_field(client: CheckingClient) -> None:
    answer = client.get("/j?code=ABCD")
    assert answer.status_code == 422
    assert text(answer).count("12 letters and digits. Check it") == 2


@pytest.mark.parametrize("why", ["unknown", "expired", "stopped", "replaced", "revealed", "closed"])
def test_every_dead_code_gets_the_same_answer(
    app: Flask, client: CheckingClient, code: str, assessment: int, why: str
) -> None:
    token = client.csrf_token("/sign-in")
    unknown = text(client.get(f"/j/{'0' * 12}"))
    with app.app_context():
        link = db.session.scalars(select(JoinLink)).one()
        if why == "expired":
            link.expires_at = clock.now()
        elif why == "stopped":
            links.revoke_link(assessment_id=assessment)
        elif why == "replaced":
            links.renew_link(assessment_id=assessment, secret=str(app.secret_key))
        elif why == "revealed":
            seeding.reveal(assessment)
        elif why == "closed":
            seeding.close(assessment)
        db.session.commit()
    tried = "0" * 12 if why == "unknown" else code
    answer = client.get(f"/j/{tried}")
    assert answer.status_code == 404
    assert text(answer) == unknown
    sent = client.post(f"/j/{tried}", data={"csrf_token": token})
    assert sent.status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Rating)).all() == []


def test_guessing_is_stopped_and_right_codes_are_never_counted(
    app: Flask, client: CheckingClient, code: str
) -> None:
    for _ in range(WRONG_CODES.allowed + 1):
        assert client.get(f"/j/{code}").status_code == 200
    for guess in range(WRONG_CODES.allowed):
        wrong = make_code(secret="another", assessment_id=guess, number=1)
        assert client.get(f"/j/{wrong}").status_code == 404
    blocked = client.get(f"/j/{code}")
    assert blocked.status_code == 429
    assert "Wait 15 minutes" in text(blocked)
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get(f"/j/{code}", environ_base=elsewhere).status_code == 200
    with clock.frozen_at(clock.now() + timedelta(minutes=16)):
        assert client.get(f"/j/{code}").status_code == 200


def test_a_home_with_many_addresses_has_no_more_guesses(
    app: Flask, client: CheckingClient, code: str
) -> None:
    """IPv6 gives each home 2 to the 64 addresses; they count as one."""
    for guess in range(WRONG_CODES.allowed):
        wrong = make_code(secret="another", assessment_id=guess, number=1)
        address = {"REMOTE_ADDR": f"2001:db8:0:1::{guess + 1:x}"}
        assert client.get(f"/j/{wrong}", environ_base=address).status_code == 404
    next_one = {"REMOTE_ADDR": "2001:db8:0:1:ffff::1"}
    assert client.get(f"/j/{code}", environ_base=next_one).status_code == 429
    neighbor = {"REMOTE_ADDR": "2001:db8:0:2::1"}
    assert client.get(f"/j/{code}", environ_base=neighbor).status_code == 200


def test_a_typing_error_is_no_guess(client: CheckingClient, code: str) -> None:
    for _ in range(WRONG_CODES.allowed + 1):
        client.get("/j/ABC")
    assert client.get(f"/j/{code}").status_code == 200


def test_coming_again_offers_to_go_on(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    put(client, newest_rating(app).id)
    page = text(client.get(f"/j/{code}"))
    assert "Continue your rating (1 of 26 answered)" in page
    assert "I am someone else" in page
    # the button of an old page, chosen again, goes on as well
    again = start(client, code)
    assert again.location.endswith(FIRST_BLOCK)
    with app.app_context():
        assert len(db.session.scalars(select(Rating)).all()) == 1


def test_someone_else_starts_afresh_and_never_sees_the_first_answers(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    first = newest_rating(app).id
    put(client, first)
    start(client, code, instead=str(first))
    second = newest_rating(app).id
    assert second != first
    assert "checked" not in text(client.get(f"/assessments/{assessment}/rate/{FIRST_BLOCK}"))
    assert put(client, first, SECOND).status_code == 404
    with app.app_context():
        assert get_answers(first)[FIRST].value == AnswerValue.level(3)
        assert SECOND not in get_answers(first)


def test_finishing_on_a_shared_device_lets_the_next_person_start(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code, is_shared="y")
    rating = newest_rating(app).id
    put(client, rating)
    address = f"/assessments/{assessment}/rate"
    done = client.send(f"{address}/finish", {"rating": str(rating)}, page=f"{address}/check")
    assert done.status_code == 303
    page = text(client.get(done.location))
    assert "Thank you" in page
    assert "Let the next person rate" in page
    assert f"/j/{code}" in page
    assert newest_rating(app).submitted_at is not None
    for path in ("", f"/{FIRST_BLOCK}", "/check", "/done"):
        left = client.get(address + path)
        assert left.status_code == 401
        assert "Rating on this device has ended" in text(left)
    following = text(client.get(f"/j/{code}"))
    assert "Continue your rating" not in following
    assert "checked" in following
    start(client, code, is_shared="y")
    assert newest_rating(app).id != rating
    assert "0 of 26 answered" in text(client.get(address))


def test_leaving_a_device_ends_its_hold_and_its_tokens(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code, is_shared="y")
    rating = newest_rating(app).id
    old = client.csrf_token(f"/assessments/{assessment}/rate")
    left = client.send(
        f"/assessments/{assessment}/rate/leave", page=f"/assessments/{assessment}/rate"
    )
    assert "You have left this device" in text(client.get(left.location))
    start(client, code)
    answer = client.put(
        f"/ratings/{rating}/answers", json={"answers": []}, headers={"X-CSRFToken": old}
    )
    assert answer.status_code == 400


def test_a_form_of_the_person_before_is_not_saved_as_mine(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    first = newest_rating(app).id
    start(client, code, instead=str(first))
    page = f"/assessments/{assessment}/rate/{FIRST_BLOCK}"
    answer = client.send(page, {f"level-{FIRST}": "4", "rating": str(first)}, page=page)
    assert answer.status_code == 409
    assert "the person before you on this device" in text(answer)
    with app.app_context():
        assert get_answers(newest_rating(app).id) == {}


def test_two_devices_neither_read_nor_change_each_other(
    app: Flask, device: Device, code: str, assessment: int
) -> None:
    one, two = device(), device()
    start(one, code)
    first = newest_rating(app).id
    put(one, first, level=4)
    start(two, code)
    second = newest_rating(app).id
    assert put(two, first, level=1).status_code == 404
    assert put(one, second, level=1).status_code == 404
    for path in ("", f"/{FIRST_BLOCK}", "/check"):
        page = text(two.get(f"/assessments/{assessment}/rate{path}"))
        assert "checked" not in page
        assert 'class="answer-level"' not in page
        assert "1 of 3 answered" not in page
    with app.app_context():
        assert get_answers(first)[FIRST].value == AnswerValue.level(4)
        assert get_answers(second) == {}


def test_a_device_sees_nothing_of_earlier_quarters(
    app: Flask, cast: Cast, client: CheckingClient, code: str, assessment: int
) -> None:
    with app.app_context():
        earlier = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.rate_all(earlier, cast.member, 2)
        seeding.reveal(earlier)
    start(client, code)
    page = text(client.get(f"/assessments/{assessment}/rate/{FIRST_BLOCK}"))
    assert "last quarter" not in page
    assert client.get(f"/assessments/{earlier}/rate").status_code == 404


def test_a_device_that_joins_another_assessment_rates_that_one_from_then_on(
    app: Flask, cast: Cast, client: CheckingClient, code: str, assessment: int
) -> None:
    with app.app_context():
        other = seeding.open_assessment(cast.other_clinic)
        other_code = seeding.make_join_link(other, secret=str(app.secret_key))
    start(client, code)
    assert "This device rates something else, too" in text(client.get(f"/j/{other_code}"))
    start(client, other_code)
    assert client.get(f"/assessments/{other}/rate").status_code == 200
    assert client.get(f"/assessments/{assessment}/rate").status_code == 404
    assert "Continue" not in text(client.get(f"/j/{code}"))


def test_a_person_who_rates_there_does_it_with_their_account(
    cast: Cast, signed_in: SignedIn, code: str, assessment: int
) -> None:
    for person in (cast.member, cast.lead):
        assert signed_in(person).get(f"/j/{code}").location == f"/assessments/{assessment}/rate"


@pytest.mark.parametrize("who", ["coach", "member_of_other_clinic", "stranger", "researcher"])
def test_a_person_who_does_not_rate_there_is_given_the_choice(
    app: Flask, cast: Cast, signed_in: SignedIn, code: str, who: str
) -> None:
    browser = signed_in(cast.people[who])
    page = text(browser.get(f"/j/{code}"))
    assert "With this account you do not rate at Alder Clinic" in page
    assert "Sign out" in page
    assert ("Show link and poster" in page) == (who == "coach")
    assert start(browser, code).status_code == 409
    with app.app_context():
        assert db.session.scalars(select(Rating)).all() == []


def test_an_expired_hold_says_so_and_saves_nothing(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    rating = newest_rating(app).id
    with app.app_context():
        db.session.scalars(select(JoinedDevice)).one().expires_at = clock.now()
        db.session.commit()
    page = client.get(f"/assessments/{assessment}/rate")
    assert page.status_code == 401
    assert "Rating on this device has ended" in text(page)
    assert client.put(f"/ratings/{rating}/answers", json={"answers": []}).status_code == 401
    form = client.post(f"/assessments/{assessment}/rate/{FIRST_BLOCK}", data={"device": "1"})
    assert form.status_code == 401
    assert "What you just sent was not saved" in text(form)


def test_a_closed_assessment_takes_no_more_answers_from_a_device(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    rating = newest_rating(app).id
    put(client, rating)
    with app.app_context():
        seeding.close(assessment)
    assert put(client, rating, SECOND).status_code == 409
    page = text(client.get(f"/assessments/{assessment}/rate"))
    assert "This assessment is closed" in page
    assert "/clinics/" not in page


def test_a_page_that_outlived_its_session_gets_a_fresh_token_and_saves(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    rating = newest_rating(app).id
    old = client.csrf_token(f"/assessments/{assessment}/rate/{FIRST_BLOCK}")
    client.delete_cookie("blockwise")
    body = {"answers": [{"milestone": FIRST, "state": "level", "level": 2, "revision": 0}]}
    address = f"/ratings/{rating}/answers"
    assert client.put(address, json=body, headers={"X-CSRFToken": old}).status_code == 400
    fresh = client.get(f"/assessments/{assessment}/rate/token").get_json()["token"]
    assert client.put(address, json=body, headers={"X-CSRFToken": fresh}).status_code == 200


def test_without_scripts_a_page_that_was_open_too_long_brings_everything_back(
    app: Flask, client: CheckingClient, code: str, assessment: int
) -> None:
    start(client, code)
    page = f"/assessments/{assessment}/rate/{FIRST_BLOCK}"
    old = client.csrf_token(page)
    client.delete_cookie("blockwise")
    typed = {f"level-{FIRST}": "3", f"note-{FIRST}": "Minutes of May", "device": "1"}
    answer = client.post(page, data={**typed, "csrf_token": old})
    assert answer.status_code == 400
    assert "This page was open too long" in text(answer)
    assert "signed in" not in text(answer)
    for value in ("Minutes of May", f'name="level-{FIRST}"'):
        assert value in text(answer)
    assert client.send(page, typed, page="/help").status_code == 302


def test_the_start_page_that_was_open_too_long_asks_to_choose_again(
    client: CheckingClient, code: str
) -> None:
    old = client.csrf_token(f"/j/{code}")
    client.delete_cookie("blockwise")
    answer = client.post(f"/j/{code}", data={"csrf_token": old})
    assert answer.status_code == 303
    assert "choose the button again" in text(client.get(answer.location))


@pytest.mark.parametrize("finished", [False, True])
def test_saving_from_a_device_takes_seven_statements_at_most(
    app: Flask, client: CheckingClient, code: str, finished: bool, count_statements: CountStatements
) -> None:
    start(client, code)
    rating = newest_rating(app).id
    put(client, rating)
    if finished:
        with app.app_context():
            seeding.finish(rating)
    token = client.csrf_token("/help")
    answer = {"milestone": FIRST, "state": "level", "level": 4, "revision": 1}
    with count_statements() as seen:
        reply = client.put(
            f"/ratings/{rating}/answers",
            json={"key": "x", "answers": [answer]},
            headers={"X-CSRFToken": token},
        )
    assert reply.status_code == 200
    assert len(seen) <= 7, seen


def test_an_account_holders_rating_carries_their_job(
    app: Flask, cast: Cast, assessment: int
) -> None:
    from accounts.models import Person

    with app.app_context():
        db.session.get_one(Person, cast.member).job_role = "Pharmacist"
        rating = seeding.start_rating(assessment, cast.member)
        assert db.session.get_one(Rating, rating).job_role == "Pharmacist"


def test_who_joined_is_not_in_the_audit_log(app: Flask, client: CheckingClient, code: str) -> None:
    start(client, code, job_role="Nurse")
    with app.app_context():
        actions = db.session.scalars(select(AuditEvent.action)).all()
    assert "join_link.made" in actions
    assert not [one for one in actions if "join" in one and one != "join_link.made"]


def test_the_last_day_lasts_until_it_is_over_in_every_state() -> None:
    ends = links.end_of(date(2026, 12, 1))
    assert ends == datetime.fromisoformat("2026-12-02T12:00:00+00:00")
