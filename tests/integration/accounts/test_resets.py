"""A forgotten password is set anew by a link that works once, for a while, and tells nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from accounts import service
from accounts.models import Grant, Identity, Method, Person, Role, SignIn, Token
from accounts.sign_in import passwords, resets, sign_ins
from accounts.sign_in.other_ways import OtherWays, count_other_ways
from core import clock, jobs, mail, smtp, worker
from core.audit import AuditEvent
from core.db import db
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient
from tests.passkey_device import passkey_of
from tests.smtp_server import MailServer, mail_server

SignedIn = Callable[[int], CheckingClient]
NEW = "violet harbor tractor nine"


@pytest.fixture
def robin(app: Flask, cast: Cast) -> int:
    """Somebody with a password who works in Alder Clinic of North Health."""
    with app.app_context():
        service.set_password(cast.lead, passwords.hashed(PASSWORD))
        db.session.commit()
    return cast.lead


@pytest.fixture
def mailbox(app: Flask) -> Iterator[MailServer]:
    with mail_server(MailServer()) as running:
        address = smtp.parse_url(f"smtp://127.0.0.1:{running.port}?starttls=off")
        mail.init_app(app, mail.Mailbox(address, mail.parse_sender("b@example.org")))
        yield running


def make_link(app: Flask, person_id: int) -> str:
    with app.app_context():
        _token, secret = resets.make_reset_link(person_id)
        db.session.commit()
    return f"/reset/{secret}"


def ask(client: CheckingClient, email: str):  # type: ignore[no-untyped-def]
    return client.send("/forgot", {"email": email}, page="/forgot")


def enter(client: CheckingClient, password: str):  # type: ignore[no-untyped-def]
    fields = {"email": "lead@example.org", "password": password}
    return client.send("/sign-in", fields, page="/sign-in")


def test_a_link_by_mail_sets_a_new_password_once(
    app: Flask, client: CheckingClient, robin: int, mailbox: MailServer
) -> None:
    assert ask(client, " LEAD@example.org ").location == "/forgot?sent=1"
    assert "works for 1 hour" in client.get("/forgot?sent=1").text
    assert worker.run_one(app), "finds the account"
    assert worker.run_one(app), "sends the mail"
    [message] = mailbox.messages
    assert message["To"] == "lead@example.org"
    found = re.search(r"http://127\.0\.0\.1(/reset/\S+)", message.get_content())
    assert found, message.get_content()
    path = found[1]
    assert "lead@example.org" in client.get(path).text
    assert client.send(path, {"new_password": NEW}, page=path).status_code == 302
    assert "Lead" in client.get("/account").text, "and is signed in"
    fresh: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert fresh.get(path).status_code == 404, "it works once"
    assert enter(fresh, PASSWORD).status_code == 422
    assert enter(fresh, NEW).status_code == 302


def test_nobody_learns_who_has_an_account(
    app: Flask, client: CheckingClient, robin: int, mailbox: MailServer
) -> None:
    known, unknown = ask(client, "lead@example.org"), ask(client, "nobody@example.org")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    with app.app_context():
        kinds = db.session.scalars(select(jobs.Job.kind)).all()
    assert kinds == [resets.KIND, resets.KIND], "the request does the same work for both"
    while worker.run_one(app):
        pass
    assert [message["To"] for message in mailbox.messages] == ["lead@example.org"]


def test_asking_for_a_mail_spoils_no_link_that_somebody_was_given(
    app: Flask, client: CheckingClient, robin: int, mailbox: MailServer
) -> None:
    given = make_link(app, robin)
    assert ask(client, "lead@example.org").status_code == 303
    while worker.run_one(app):
        pass
    found = re.search(r"(/reset/\S+)", mailbox.messages[0].get_content())
    assert found
    assert client.get(found[1]).status_code == 200
    assert client.send(given, {"new_password": NEW}, page=given).status_code == 302
    assert client.get(found[1]).status_code == 404, "one that was used ends the others"


def test_asking_again_and_again_is_slowed_down(
    client: CheckingClient, robin: int, mailbox: MailServer
) -> None:
    for _ in range(resets.ASKED.allowed):
        assert ask(client, "lead@example.org").status_code == 303
    answer = ask(client, "lead@example.org")
    assert answer.status_code == 429
    assert 'value="lead@example.org"' in answer.text
    assert ask(client, "member@example.org").status_code == 303, "others may"


def test_without_mail_the_page_says_whom_to_ask(client: CheckingClient) -> None:
    assert "Ask your administrator for a link" in client.get("/forgot").text
    assert client.send("/forgot", {"email": "lead@example.org"}, page="/sign-in").status_code == 422


def test_a_new_link_replaces_the_one_before(app: Flask, client: CheckingClient, robin: int) -> None:
    first, second = make_link(app, robin), make_link(app, robin)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


@pytest.mark.parametrize("change", ["left", "role taken", "role elsewhere", "another manages"])
def test_a_link_is_worth_no_more_than_who_made_it(
    app: Flask, client: CheckingClient, cast: Cast, robin: int, change: str
) -> None:
    """An administrator of one organization, who may manage the account while it lies in it."""
    maker = cast.organization_administrator
    with app.app_context():
        _token, secret = resets.make_reset_link(robin, created_by=maker)
        db.session.commit()
    assert client.get(f"/reset/{secret}").status_code == 200
    with app.app_context():
        if change == "left":
            db.session.get_one(Person, maker).disabled_at = clock.now()
        elif change == "role taken":
            db.session.execute(delete(Grant).where(Grant.person_id == maker))
        elif change == "role elsewhere":
            grant = Grant(person_id=robin, role=Role.COACH, organization_id=cast.other_organization)
            db.session.add(grant)
        else:
            db.session.add(Grant(person_id=robin, role=Role.ADMINISTRATOR))
        db.session.commit()
    assert client.get(f"/reset/{secret}").status_code == 404
    answer = client.send(f"/reset/{secret}", {"new_password": NEW}, page="/sign-in")
    assert answer.status_code == 404
    with app.app_context():
        assert db.session.scalars(select(SignIn).where(SignIn.person_id == robin)).all() == []


def test_people_learn_by_mail_that_their_password_or_email_was_changed(
    app: Flask, cast: Cast, robin: int, mailbox: MailServer, signed_in: SignedIn
) -> None:
    client: CheckingClient = app.test_client()  # type: ignore[assignment]
    path = make_link(app, robin)
    assert client.send(path, {"new_password": NEW}, page=path).status_code == 302
    typed = {"password": NEW, "new_password": PASSWORD}
    assert client.send("/account/password", typed).status_code == 303
    administrator = signed_in(cast.administrator)
    assert administrator.send(f"/admin/people/{robin}/second-factor").status_code == 302
    typed = {"name": "Lead", "email": "elsewhere@example.org"}
    assert administrator.send(f"/admin/people/{robin}/edit", typed).status_code == 302
    while worker.run_one(app):
        pass
    said = [message.get_content() for message in mailbox.messages]
    assert {message["To"] for message in mailbox.messages} == {"lead@example.org"}
    assert "Your password was changed" in said[0]
    assert "Your password was changed" in said[1]
    assert "removed your second factor" in said[2]
    assert "changed the email that you sign in with" in said[3]
    assert not any("elsewhere@example.org" in text for text in said)


def test_a_link_dies_with_its_time_and_with_its_account(
    app: Flask, client: CheckingClient, robin: int
) -> None:
    path = make_link(app, robin)
    with clock.frozen_at(clock.now() + resets.BY_ADMINISTRATOR + timedelta(seconds=1)):
        assert client.get(path).status_code == 404
    with app.app_context():
        db.session.get_one(Person, robin).disabled_at = clock.now()
        db.session.commit()
    answer = client.send(path, {"new_password": NEW}, page="/sign-in")
    assert answer.status_code == 404
    assert "This link does not work any more" in answer.text


def test_looking_at_the_link_does_not_use_it_up(
    app: Flask, client: CheckingClient, robin: int
) -> None:
    path = make_link(app, robin)
    for _ in range(3):
        assert client.get(path).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Token.used_at)).all() == [None]


@pytest.mark.parametrize("password", ["short", "North Health 123", "lead@example.org1"])
def test_a_password_that_is_guessed_first_is_refused_and_the_link_lives(
    app: Flask, client: CheckingClient, robin: int, password: str
) -> None:
    path = make_link(app, robin)
    answer = client.send(path, {"new_password": password}, page=path)
    assert answer.status_code == 422
    assert "Choose several unrelated words." in answer.text
    assert password not in answer.text
    assert client.get(path).status_code == 200


def test_a_reset_signs_everybody_else_out(
    app: Flask, client: CheckingClient, robin: int, signed_in: SignedIn
) -> None:
    elsewhere = signed_in(robin)
    path = make_link(app, robin)
    client.send(path, {"new_password": NEW}, page=path)
    assert elsewhere.get("/account").status_code == 302
    with app.app_context():
        methods = db.session.scalars(select(SignIn.method).where(SignIn.ended_at.is_(None))).all()
        assert methods == [Method.RESET]


def test_the_second_factor_is_asked_for_after_a_reset(
    app: Flask, client: CheckingClient, robin: int
) -> None:
    with app.app_context():
        db.session.get_one(Person, robin).totp_confirmed_at = clock.now()
        db.session.commit()
    path = make_link(app, robin)
    answer = client.send(path, {"new_password": "kjwq pzx"}, page=path)
    assert answer.location == "/sign-in/code", "8 characters are enough beside a code"
    assert client.get("/account").status_code == 302, "and nobody is in before it"
    with app.app_context():
        assert db.session.get_one(Person, robin).password_is_short


def test_a_short_password_alone_must_grow_and_what_was_typed_comes_along(
    app: Flask, client: CheckingClient, robin: int
) -> None:
    """An administrator took the lost second factor away; eight characters are not enough now."""
    with app.app_context():
        service.set_password(robin, passwords.hashed("kjwqpzxn"))
        db.session.commit()
    fields = {
        "email": "lead@example.org",
        "password": "kjwqpzxn",
        "resume-path": "/sign-out",
        "resume-field-note": "typed before",
    }
    answer = client.send("/sign-in", fields, page="/sign-in")
    assert "Your password is too short by itself" in answer.text
    assert client.get("/account").status_code == 302
    found = re.search(r'action="(/reset/[^"]+)"', answer.text)
    assert found
    carried = {"resume-path": "/sign-out", "resume-field-note": "typed before"}
    assert 'value="typed before"' in answer.text
    last = client.send(found[1], {"new_password": NEW, **carried}, page="/sign-in")
    assert "typed before" in last.text
    assert client.get("/account").status_code == 200


def test_links_and_new_passwords_are_logged_without_their_secrets(
    app: Flask, client: CheckingClient, robin: int
) -> None:
    path = make_link(app, robin)
    client.send(path, {"new_password": NEW}, page=path)
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        actions = [event.action for event in events]
        assert {"person.reset_link_made", "person.password_changed", "person.signed_in"} <= set(
            actions
        )
        text = " ".join(f"{event.subject} {event.before} {event.after}" for event in events)
    assert NEW not in text
    assert path.removeprefix("/reset/") not in text


def test_old_links_are_forgotten_and_others_kept(app: Flask, robin: int) -> None:
    with app.app_context():
        with clock.frozen_at(clock.now() - timedelta(days=3)):
            resets.make_reset_link(robin)
        with clock.frozen_at(clock.now() - timedelta(hours=30)):
            resets.make_reset_link(robin)
        resets.forget_old_links()
        assert db.session.scalar(select(func.count()).select_from(Token)) == 1


def test_old_sign_ins_are_forgotten_few_at_a_time(app: Flask, robin: int) -> None:
    with app.app_context():
        with clock.frozen_at(clock.now() - timedelta(days=40)):
            for _ in range(sign_ins.FORGOTTEN_AT_ONCE + 5):
                sign_ins.start(robin, method=Method.PASSWORD)
        sign_ins.start(robin, method=Method.PASSWORD)
        sign_ins.forget_old_sign_ins()
        assert db.session.scalar(select(func.count()).select_from(SignIn)) == 6


@pytest.mark.parametrize("keep", [False, True])
def test_passkeys_and_linked_accounts_end_with_a_forgotten_password(
    app: Flask, client: CheckingClient, robin: int, keep: bool
) -> None:
    """Whoever opened the invitation first could have added them."""
    with app.app_context():
        passkey_of(robin)
        db.session.add(
            Identity(
                person_id=robin, issuer="https://id.example", subject="1", created_at=clock.now()
            )
        )
        db.session.commit()
    link = make_link(app, robin)
    assert "1 passkey and 1 linked account" in client.get(link).get_data(as_text=True)
    fields = {"new_password": NEW} | ({"keep_other_ways": "y"} if keep else {})
    assert client.send(link, fields, page=link).status_code in {302, 303}
    with app.app_context():
        assert count_other_ways(robin) == (OtherWays(1, 1) if keep else OtherWays())
        ended = select(AuditEvent).filter_by(action="person.other_ways_ended")
        assert (db.session.scalar(ended) is None) is keep
