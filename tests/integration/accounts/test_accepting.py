"""Behind an invitation's link: an account in one form, once, and only for the invited person."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from accounts import service, tokens
from accounts.models import Grant, Method, Person, Role, SignIn, Token
from accounts.views.accepting import WRONG_LINKS
from core import clock
from core.audit import AuditEvent
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.integration.accounts.inviting import (
    GOOD_PASSWORD,
    accept,
    grants_of,
    invite,
    secrets_on,
)
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
DEAD = "This link does not work any more"


@pytest.fixture
def secret(app: Flask, cast: Cast) -> str:
    """The link that invites new@example.org to Alder Clinic."""
    with app.app_context():
        return invite(cast.lead, clinic=cast.clinic)


def test_the_page_says_who_invites_to_what(client: CheckingClient, secret: str) -> None:
    page = client.get(f"/invitation/{secret}").get_data(as_text=True)
    assert "Lead invites you as <b>a team member</b> of <b>Alder Clinic</b> (North Health)" in page
    assert 'value="New Person"' in page
    assert 'value="new@example.org"' in page
    for name in ("member@example.org", "Second", "Birch Clinic"):
        assert name not in page


def test_one_form_makes_the_account_gives_the_role_and_signs_in(
    app: Flask, client: CheckingClient, secret: str
) -> None:
    answer = accept(client, secret, name="Noor Haddad", job_role="Medical assistant")
    assert (answer.status_code, answer.location) == (302, "/start")
    home = client.get("/").get_data(as_text=True)
    assert "Noor Haddad" in home
    assert "Alder Clinic" in home
    assert grants_of(app, "new@example.org") == [("member", "Alder Clinic")]
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.name == "Noor Haddad")).one()
        assert person.job_role == "Medical assistant"
        assert not person.password_is_short
        token = db.session.scalars(select(Token)).one()
        assert (token.person_id, token.used_at is None) == (person.id, False)
        method = db.session.scalar(select(SignIn.method).where(SignIn.person_id == person.id))
        assert method == Method.INVITATION
        lines = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        done = {one.action: one.who for one in lines}
        assert done["invitation.accepted"] == "Noor Haddad <new@example.org>"
        assert "person.created" in done
        written = " ".join(f"{one.subject}{one.before}{one.after}" for one in lines)
        assert GOOD_PASSWORD not in written
        assert secret not in written


def test_the_new_password_works(client: CheckingClient, app: Flask, secret: str) -> None:
    accept(client, secret)
    fresh: CheckingClient = app.test_client()  # type: ignore[assignment]
    fields = {"email": "new@example.org", "password": GOOD_PASSWORD}
    assert fresh.send("/sign-in", fields, page="/sign-in").status_code == 302


def test_a_used_link_is_dead(client: CheckingClient, app: Flask, secret: str) -> None:
    accept(client, secret)
    fresh: CheckingClient = app.test_client()  # type: ignore[assignment]
    answer = fresh.get(f"/invitation/{secret}")
    assert (answer.status_code, DEAD in answer.get_data(as_text=True)) == (404, True)
    sent = {"name": "Second Try", "new_password": GOOD_PASSWORD}
    assert fresh.send(f"/invitation/{secret}", sent, page="/sign-in").status_code == 404


def test_every_dead_link_gets_the_same_answer(
    app: Flask, cast: Cast, client: CheckingClient
) -> None:
    with app.app_context():
        with clock.frozen_at(clock.now() - timedelta(days=14, seconds=1)):
            expired = invite(cast.lead, "a@example.net", clinic=cast.clinic)
        revoked = invite(cast.lead, "b@example.net", clinic=cast.clinic)
        tokens.revoke_where(Token.email == "b@example.net")
        used = invite(cast.lead, "c@example.net", clinic=cast.clinic)
        tokens.use(db.session.scalars(select(Token).where(Token.email == "c@example.net")).one())
        db.session.commit()
    pages = set()
    for dead in (expired, revoked, used, "x" * 43, "no%20such", "%FF"):
        answer = client.get(f"/invitation/{dead}")
        assert answer.status_code == 404
        pages.add(answer.get_data(as_text=True))
    assert len(pages) == 1
    assert DEAD in pages.pop()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "  "}, "Enter your name."),
        ({"new_password": ""}, "Choose a password."),
        ({"new_password": "short"}, "Use at least 15 characters."),
        ({"new_password": "new@example.org new"}, "uses your name, your email"),
        ({"new_password": "alder clinic alder clinic"}, "Choose several unrelated words."),
        ({"job_role": "King"}, "Choose"),
        ({"name": "n" * 201}, "Use no more than 200 characters."),
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(
    app: Flask, client: CheckingClient, secret: str, fields: dict[str, str], words: str
) -> None:
    answer = accept(client, secret, **fields)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert grants_of(app, "new@example.org") == []
    assert accept(client, secret).status_code == 302


def test_somebody_with_an_account_signs_in_to_accept(
    app: Flask, cast: Cast, client: CheckingClient, signed_in: SignedIn
) -> None:
    with app.app_context():
        secret = invite(cast.lead, "other@example.org", Role.LEAD, clinic=cast.clinic)
    path = f"/invitation/{secret}"
    page = client.get(path).get_data(as_text=True)
    assert "Sign in as <b>other@example.org</b> to accept." in page
    assert "new_password" not in page
    assert f"next=/invitation/{secret}" in page
    fields = {"name": "Other", "new_password": GOOD_PASSWORD}
    assert client.send(path, fields, page="/sign-in").status_code == 409
    browser = signed_in(cast.member_of_other_clinic)
    assert "a clinic lead" in browser.get(path).get_data(as_text=True)
    answer = browser.send(path)
    assert (answer.status_code, answer.location) == (302, "/start")
    assert grants_of(app, "other@example.org") == [
        ("member", "Cedar Clinic"),
        ("lead", "Alder Clinic"),
    ]


def test_whoever_is_signed_in_as_somebody_else_cannot_take_it(
    app: Flask, cast: Cast, signed_in: SignedIn, secret: str
) -> None:
    browser = signed_in(cast.stranger)
    path = f"/invitation/{secret}"
    page = browser.get(path).get_data(as_text=True)
    assert "This invitation is for somebody else" in page
    assert "You are signed in as Stranger (stranger@example.org)" in page
    assert "Sign out" in page
    for fields in ({}, {"name": "Stranger", "new_password": GOOD_PASSWORD}):
        assert browser.send(path, fields).status_code == 409
    assert grants_of(app, "stranger@example.org") == []
    assert grants_of(app, "new@example.org") == []
    browser.send("/sign-out")
    assert accept(browser, secret).status_code == 302


def test_what_the_form_adds_changes_nothing(
    app: Flask, cast: Cast, client: CheckingClient, secret: str
) -> None:
    more = {"email": "boss@example.org", "role": "administrator", "clinic_id": "3"}
    assert accept(client, secret, **more).status_code == 302
    assert grants_of(app, "new@example.org") == [("member", "Alder Clinic")]
    assert grants_of(app, "boss@example.org") == []


def test_an_invitation_to_a_role_one_got_meanwhile_changes_nothing(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        secret = invite(cast.lead, "other@example.org", clinic=cast.clinic)
        person = db.session.get_one(Person, cast.member_of_other_clinic)
        from accounts.models import Clinic

        clinic = db.session.get_one(Clinic, cast.clinic)
        service.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
        db.session.commit()
    assert signed_in(cast.member_of_other_clinic).send(f"/invitation/{secret}").status_code == 302
    assert len(grants_of(app, "other@example.org")) == 2


def test_of_four_at_once_one_accepts(app: Flask, cast: Cast, secret: str) -> None:
    browsers: list[CheckingClient] = [app.test_client() for _ in range(4)]  # type: ignore[misc]
    path = f"/invitation/{secret}"
    forms = [
        {
            "name": f"Number {at}",
            "job_role": "",
            "new_password": GOOD_PASSWORD,
            "csrf_token": browser.csrf_token(path),
        }
        for at, browser in enumerate(browsers)
    ]
    start = Barrier(4)

    def send(at: int) -> int:
        start.wait()
        return browsers[at].post(path, data=forms[at]).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(send, range(4)))
    assert statuses[0] == 302
    assert set(statuses[1:]) <= {404, 409}
    assert grants_of(app, "new@example.org") == [("member", "Alder Clinic")]


def test_two_invitations_of_one_person_make_one_account(
    app: Flask, cast: Cast, client: CheckingClient, secret: str
) -> None:
    with app.app_context():
        second = invite(cast.administrator, "new@example.org", Role.LEAD, clinic=cast.sister_clinic)
    accept(client, secret)
    assert client.send(f"/invitation/{second}").status_code == 302
    assert grants_of(app, "new@example.org") == [
        ("member", "Alder Clinic"),
        ("lead", "Birch Clinic"),
    ]


def test_guessing_is_slowed_down(app: Flask, client: CheckingClient, secret: str) -> None:
    for guess in range(WRONG_LINKS.allowed):
        assert client.get(f"/invitation/guess-{guess}").status_code == 404
    assert client.get("/invitation/one-more").status_code == 429
    assert client.get(f"/invitation/{secret}").status_code == 429
    with clock.frozen_at(clock.now() + WRONG_LINKS.window):
        assert client.get(f"/invitation/{secret}").status_code == 200


def test_a_member_starts_at_the_rating_page(
    app: Flask, cast: Cast, client: CheckingClient, secret: str
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
    accept(client, secret)
    assert client.get("/start").location == f"/assessments/{assessment}/rate"


@pytest.mark.parametrize(
    ("who", "lands"),
    [
        ("member", "/"),
        ("lead", "/clinics/{clinic}/open"),
        ("coach", "/"),
        ("researcher", "/"),
        ("administrator", "/"),
        ("stranger", "/"),
    ],
)
def test_where_people_start_when_nothing_is_open(
    cast: Cast, signed_in: SignedIn, who: str, lands: str
) -> None:
    location = signed_in(cast.people[who]).get("/start").location
    assert location == lands.format(clinic=cast.clinic)


def test_whoever_has_finished_starts_at_home(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment, cast.lead)
    assert signed_in(cast.lead).get("/start").location == "/"
    assert signed_in(cast.member).get("/start").location == f"/assessments/{assessment}/rate"
    assert signed_in(cast.member_of_other_clinic).get("/start").location == "/"


def test_a_lead_who_opens_an_assessment_goes_on_to_rate_it(cast: Cast, signed_in: SignedIn) -> None:
    from assess.quarters import Quarter

    fields = {"questionnaire": "six_building_blocks", "quarter": str(Quarter.of(clock.today()))}
    answer = signed_in(cast.lead).send(f"/clinics/{cast.clinic}/open", fields)
    assert answer.location.startswith("/assessments/")
    assert answer.location.endswith("/rate")
    answer = signed_in(cast.coach).send(f"/clinics/{cast.sister_clinic}/open", fields)
    assert answer.location.endswith("/progress")


def test_a_secret_never_reaches_the_log(
    client: CheckingClient, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_secret: str) -> None:
        raise RuntimeError("something broke")

    monkeypatch.setattr("accounts.views.accepting.get_offer", fail)
    with capture_logs() as lines:
        assert client.get(f"/invitation/{secret}").status_code == 500
    assert lines[0]["path"] == "/invitation/<invitation_secret>"
    assert secret not in repr(lines)


@pytest.mark.parametrize("how", ["role taken away", "account closed"])
def test_a_link_stops_with_the_role_of_whoever_made_it(
    app: Flask, cast: Cast, client: CheckingClient, signed_in: SignedIn, secret: str, how: str
) -> None:
    with app.app_context():
        if how == "account closed":
            db.session.get_one(Person, cast.lead).disabled_at = clock.now()
        else:
            grant = db.session.scalars(select(Grant).where(Grant.person_id == cast.lead)).one()
            grant.role = Role.MEMBER
        db.session.commit()
    answer = client.get(f"/invitation/{secret}")
    assert (answer.status_code, DEAD in answer.get_data(as_text=True)) == (404, True)
    sent = {"name": "New Person", "new_password": GOOD_PASSWORD}
    assert client.send(f"/invitation/{secret}", sent, page="/sign-in").status_code == 404
    coach = signed_in(cast.coach)
    assert "Lead can no longer invite" in coach.get("/invitations").get_data(as_text=True)
    with app.app_context():
        number = db.session.scalars(select(Token.id)).one()
    (renewed,) = secrets_on(coach.send(f"/invitations/{number}/link"))
    assert client.get(f"/invitation/{renewed}").status_code == 200
