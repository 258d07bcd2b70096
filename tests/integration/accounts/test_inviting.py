"""Inviting one person: who may give which role where, the link shown once, replaced and revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import service, tokens
from accounts.invitations import inviting as invitations
from accounts.invitations.inviting import Invitee
from accounts.models import Clinic, Person, Purpose, Role, Token
from core import clock, mail, smtp
from core.audit import AuditEvent
from core.db import db
from core.errors import Conflict, Forbidden
from core.jobs import Job
from tests.cast import Cast
from tests.integration.accounts.inviting import (
    count_open,
    invite,
    invite_by_page,
    place_of,
    secrets_on,
    viewer_of,
)
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("lead", ["member", "lead"]),
        ("coach", ["member", "lead"]),
        ("organization_administrator", ["member", "lead", "coach"]),
        ("administrator", ["member", "lead", "coach"]),
    ],
)
def test_the_roles_offered_are_those_one_may_give(
    cast: Cast, signed_in: SignedIn, who: str, offered: list[str]
) -> None:
    page = signed_in(cast.people[who]).get(f"/clinics/{cast.clinic}/invite").get_data(as_text=True)
    shown = [str(role) for role in Role if f'type="radio" value="{role}"' in page]
    assert shown == offered


@pytest.mark.parametrize("who", ["member", "researcher", "member_of_other_clinic", "stranger"])
def test_others_cannot_invite(cast: Cast, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(cast.people[who])
    assert browser.get(f"/clinics/{cast.clinic}/invite").status_code in {403, 404}
    answer = browser.send(
        f"/clinics/{cast.clinic}/invite", {"email": "new@example.org", "role": "member"}
    )
    assert answer.status_code in {403, 404}


def test_the_link_is_shown_once_with_a_message_and_a_code_to_scan(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.lead)
    answer = browser.send(
        f"/clinics/{cast.clinic}/invite",
        {"email": " New@Example.org ", "name": "Noor Haddad", "role": "lead"},
    )
    page = answer.get_data(as_text=True)
    (secret,) = secrets_on(answer)
    assert "Send this link to Noor Haddad" in page
    assert "Lead invites you to Blockwise as a clinic lead of Alder Clinic." in page
    assert "<title>QR code with the link for Noor Haddad</title>" in page
    assert "We mail it" not in page
    waiting = browser.get("/invitations").get_data(as_text=True)
    assert "Noor Haddad" in waiting
    assert "new@example.org" in waiting
    assert secret not in waiting
    with app.app_context():
        token = db.session.scalars(select(Token)).one()
        assert (token.role, token.clinic_id) == ("lead", cast.clinic)
        assert token.organization_id == cast.organization
        assert token.expires_at - token.created_at == timedelta(days=14)
        assert token.mailed_at is None
        lines = db.session.scalars(select(AuditEvent)).all()
        assert [one.action for one in lines if "invitation" in one.action] == ["invitation.created"]
        assert not any(secret in f"{one.subject}{one.before}{one.after}" for one in lines)


@pytest.mark.parametrize("role", ["administrator", "researcher", "coach", "owner", ""])
def test_a_lead_cannot_give_more_than_their_form_offers(
    app: Flask, cast: Cast, signed_in: SignedIn, role: str
) -> None:
    browser = signed_in(cast.lead)
    answer = browser.send(
        f"/clinics/{cast.clinic}/invite", {"email": "new@example.org", "role": role}
    )
    assert answer.status_code == 422
    assert count_open(app) == 0


@pytest.mark.parametrize("clinic", ["sister_clinic", "other_clinic"])
def test_a_lead_cannot_invite_to_another_clinic(
    app: Flask, cast: Cast, signed_in: SignedIn, clinic: str
) -> None:
    browser = signed_in(cast.lead)
    path = f"/clinics/{getattr(cast, clinic)}/invite"
    answer = browser.send(path, {"email": "new@example.org", "role": "member"})
    assert answer.status_code == 404
    assert count_open(app) == 0


@pytest.mark.parametrize("who", ["lead", "coach", "member", "researcher"])
def test_only_administrators_reach_the_page_for_wide_roles(
    app: Flask, cast: Cast, signed_in: SignedIn, who: str
) -> None:
    browser = signed_in(cast.people[who])
    assert browser.get("/invite").status_code == 403
    fields = {"email": "new@example.org", "role": "administrator", "where": "program"}
    assert browser.send("/invite", fields).status_code == 403
    assert count_open(app) == 0


def test_an_administrator_of_an_organization_stays_within_it(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.organization_administrator)
    page = browser.get("/invite").get_data(as_text=True)
    assert "All of North Health" in page
    assert "South Health" not in page
    assert "whole program" not in page
    fields = {"email": "new@example.org", "role": "administrator"}
    for where in ("program", str(cast.other_organization), "", "None"):
        assert browser.send("/invite", fields | {"where": where}).status_code == 422
    assert count_open(app) == 0
    assert browser.send("/invite", fields | {"where": str(cast.organization)}).status_code == 200


def test_an_administrator_of_the_program_gives_roles_in_it(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    fields = {"email": "new@example.org", "role": "researcher", "where": "program"}
    answer = browser.send("/invite", fields)
    assert "as a researcher of the whole program" in answer.get_data(as_text=True)
    with app.app_context():
        token = db.session.scalars(select(Token)).one()
        assert (token.role, token.organization_id, token.clinic_id) == ("researcher", None, None)


@pytest.mark.parametrize(
    ("who", "role", "where"),
    [
        ("lead", Role.ADMINISTRATOR, {"organization": "organization"}),
        ("lead", Role.MEMBER, {"clinic": "sister_clinic"}),
        ("coach", Role.COACH, {"clinic": "clinic"}),
        ("coach", Role.MEMBER, {"clinic": "other_clinic"}),
        ("organization_administrator", Role.ADMINISTRATOR, {}),
        ("organization_administrator", Role.RESEARCHER, {"organization": "other_organization"}),
        ("administrator", Role.MEMBER, {}),
        ("administrator", Role.LEAD, {"organization": "organization"}),
        ("administrator", Role.RESEARCHER, {"clinic": "clinic"}),
        ("member", Role.MEMBER, {"clinic": "clinic"}),
    ],
)
def test_the_service_refuses_what_no_form_should_have_let_through(
    app: Flask, cast: Cast, who: str, role: Role, where: dict[str, str]
) -> None:
    with app.app_context():
        place = place_of(**{key: getattr(cast, name) for key, name in where.items()})
        by = viewer_of(cast.people[who])
        with pytest.raises(Forbidden):
            invitations.invite(Invitee("new@example.org", "", role, place), by=by)


@pytest.mark.parametrize(("email", "role"), [("member", "member"), ("lead", "member")])
def test_somebody_who_has_the_role_is_not_invited_again(
    app: Flask, cast: Cast, signed_in: SignedIn, email: str, role: str
) -> None:
    answer = signed_in(cast.lead).send(
        f"/clinics/{cast.clinic}/invite", {"email": f"{email}@example.org", "role": role}
    )
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert page.count(f"{email}@example.org has this role in Alder Clinic already.") == 2
    assert count_open(app) == 0


def test_who_else_has_an_account_is_not_told(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    path = f"/clinics/{cast.clinic}/invite"
    pages = []
    for email in ("other@example.org", "third@example.org"):
        answer = browser.send(path, {"email": email, "role": "member"})
        text = answer.get_data(as_text=True).replace(email, "EMAIL")
        pages.append(text.split("<h1>")[1].split("<svg")[0])
        (secret,) = secrets_on(answer)
        pages[-1] = pages[-1].replace(secret, "SECRET")
    assert pages[0] == pages[1]


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.org", "é" * 300, "x\0@y.org,"])
def test_a_wrong_email_comes_back_with_the_fix(cast: Cast, signed_in: SignedIn, email: str) -> None:
    answer = signed_in(cast.lead).send(
        f"/clinics/{cast.clinic}/invite", {"email": email, "name": "Kept Name", "role": "lead"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "sam@example.org" in page
    assert 'value="Kept Name"' in page
    assert "<title>Error: " in page


def test_inviting_again_replaces_the_link(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    old = invite_by_page(browser, cast.clinic)
    other = invite_by_page(browser, cast.clinic, role="lead")
    new = invite_by_page(browser, cast.clinic)
    with app.app_context():
        assert tokens.find(old, Purpose.INVITATION) is None
        assert tokens.find(other, Purpose.INVITATION) is not None
        assert tokens.find(new, Purpose.INVITATION) is not None


def test_a_new_link_kills_the_old_one(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    old = invite_by_page(browser, cast.clinic)
    with app.app_context():
        number = db.session.scalars(select(Token.id)).one()
    answer = browser.send(f"/invitations/{number}/link")
    (new,) = secrets_on(answer)
    assert new != old
    assert "The link made before no longer works." in answer.get_data(as_text=True)
    assert browser.get(f"/invitation/{old}").status_code == 404
    assert count_open(app) == 1


def test_revoking_asks_names_and_can_be_undone(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    secret = invite_by_page(browser, cast.clinic)
    with app.app_context():
        number = db.session.scalars(select(Token.id)).one()
    path = f"/invitations/{number}/revoke"
    assert "Revoke the invitation of New Person?" in browser.get(path).get_data(as_text=True)
    assert count_open(app) == 1
    answer = browser.send(path, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "The invitation of New Person is revoked" in page
    assert "Make a new link" in page
    assert browser.get(f"/invitation/{secret}").status_code == 404
    assert len(secrets_on(browser.send(f"/invitations/{number}/link"))) == 1
    with app.app_context():
        actions = [one.action for one in db.session.scalars(select(AuditEvent))]
        assert "invitation.revoked" in actions


def test_a_lead_cannot_touch_an_invitation_they_could_not_have_made(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        invite(cast.administrator, role=Role.COACH, clinic=cast.clinic)
        number = db.session.scalars(select(Token.id)).one()
    browser = signed_in(cast.lead)
    page = browser.get("/invitations").get_data(as_text=True)
    assert "new@example.org" in page
    assert "New link" not in page
    for path in (f"/invitations/{number}/revoke", f"/invitations/{number}/link"):
        assert browser.send(path).status_code == 403
    assert count_open(app) == 1


def test_the_list_shows_ones_own_reach_only(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        invite(cast.administrator, "alder@example.net", clinic=cast.clinic)
        invite(cast.administrator, "birch@example.net", clinic=cast.sister_clinic)
        invite(cast.administrator, "cedar@example.net", clinic=cast.other_clinic)
        invite(cast.administrator, "all@example.net", Role.RESEARCHER)
    names = {
        "lead": "a",
        "coach": "ab",
        "organization_administrator": "ab",
        "administrator": "abcl",
    }
    emails = {"a": "alder@", "b": "birch@", "c": "cedar@", "l": "all@"}
    for who, letters in names.items():
        page = signed_in(cast.people[who]).get("/invitations").get_data(as_text=True)
        seen = "".join(letter for letter, email in emails.items() if email in page)
        assert seen == letters, who


def test_the_list_is_searched_and_shows_what_has_expired(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        with clock.frozen_at(clock.now() - timedelta(days=15)):
            invite(cast.lead, "late@example.net", clinic=cast.clinic)
        invite(cast.lead, "fresh_one@example.net", clinic=cast.clinic)
    browser = signed_in(cast.lead)

    def page(query: str) -> str:
        return browser.get(f"/invitations?{query}").get_data(as_text=True)

    assert "Expired" in page("")
    assert "2 invitations" in page(f"clinic={cast.clinic}")
    assert "fresh_one@" not in page("show=expired")
    assert "late@" in page("show=expired")
    assert "late@" not in page("q=FRESH_O")
    assert "fresh_one@" in page("q=FRESH_O")
    assert "No invitation fits" in page("q=%25")
    assert browser.get(f"/invitations?clinic={cast.other_clinic}").status_code == 404
    assert browser.get("/invitations?clinic=99999&revoked=999999").status_code == 404
    assert "is revoked" not in page("revoked=999999")
    for strange in ("9" * 30, "-1", "x", "٣"):
        assert browser.get(f"/invitations?clinic={strange}&revoked={strange}").status_code == 200
        assert browser.get(f"/invitations/many?clinic={strange}").status_code == 200


def test_nobody_is_invited_to_an_archived_clinic(app: Flask, cast: Cast) -> None:
    with app.app_context():
        db.session.get_one(Clinic, cast.clinic).archived_at = clock.now()
        db.session.commit()
        with pytest.raises(Conflict, match="archived"):
            invite(cast.lead, clinic=cast.clinic)


def test_a_person_of_the_same_name_elsewhere_is_no_obstacle(app: Flask, cast: Cast) -> None:
    with app.app_context():
        service.create_person(email="new@example.org", name="New Person")
        db.session.commit()
        assert invite(cast.lead, clinic=cast.clinic)
        assert db.session.scalar(select(Person.id).where(Person.email == "new@example.org"))


def test_with_a_mail_server_the_link_is_mailed_too(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    server = smtp.parse_url("smtp://127.0.0.1:9?starttls=off")
    mail.init_app(app, mail.Mailbox(server, mail.parse_sender("blockwise@example.org")))
    browser = signed_in(cast.lead)
    fields = {"email": "new@example.org", "name": "Noor", "role": "member"}
    answer = browser.send(f"/clinics/{cast.clinic}/invite", fields)
    (secret,) = secrets_on(answer)
    assert "We mail it to new@example.org" in answer.get_data(as_text=True)
    assert "mailed" in browser.get("/invitations").get_data(as_text=True)
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert (job.kind, secret in job.payload) == (mail.KIND, False)
        assert db.session.scalars(select(Token.mailed_at)).one() is not None
