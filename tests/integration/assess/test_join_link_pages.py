"""A lead or coach makes, prints, replaces and stops the join link of an assessment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assess.models import JoinLink
from core import clock
from core.audit import AuditEvent
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]


@pytest.fixture
def lead(cast: Cast, signed_in: SignedIn) -> CheckingClient:
    return signed_in(cast.lead)


@pytest.fixture
def manage(assessment: int) -> str:
    return f"/assessments/{assessment}/join"


def html(browser: CheckingClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def address_on(text: str) -> str:
    """The path of the link as the page shows it."""
    found = re.search(r"http://127\.0\.0\.1(/j/[0-9A-Z]{12})\b", text)
    assert found, "no link on the page"
    return found[1]


def events() -> list[AuditEvent]:
    """What the audit log says of join links."""
    found = select(AuditEvent).where(AuditEvent.action.startswith("join_link."))
    return list(db.session.scalars(found.order_by(AuditEvent.sequence)))


def test_a_link_is_made_shown_and_lets_people_in(
    app: Flask, lead: CheckingClient, client: CheckingClient, manage: str, assessment: int
) -> None:
    assert "Make the join link" in html(lead, manage)
    assert lead.send(manage, page=manage).status_code == 303
    text = html(lead, manage)
    for words in ("No device has joined", "QR code that opens", "127.0.0.1/j", "Copy link"):
        assert words in text
    path = address_on(text)
    assert client.get(path).status_code == 200
    client.send(path, page=path)
    assert "1 device has joined" in html(lead, manage)
    with app.app_context():
        link = db.session.scalars(select(JoinLink)).one()
        code = path.rpartition("/")[2]
        assert code.encode() not in link.code_sha256
        assert link.expires_at.date() - clock.today() == timedelta(days=61)
        (event,) = events()
        assert event.action == "join_link.made"
        assert event.subject == f"join link of assessment {assessment}"
        assert code not in f"{event.before} {event.after} {event.subject}"


def test_making_it_twice_keeps_the_first(lead: CheckingClient, manage: str) -> None:
    lead.send(manage, page=manage)
    first = address_on(html(lead, manage))
    lead.send(manage, page=manage)
    assert address_on(html(lead, manage)) == first


def test_with_a_due_day_it_works_two_weeks_longer(
    app: Flask, lead: CheckingClient, manage: str
) -> None:
    from assess.models import Assessment

    with app.app_context():
        due = clock.today() + timedelta(days=10)
        db.session.scalars(select(Assessment)).one().due_on = due
        db.session.commit()
    lead.send(manage, page=manage)
    with app.app_context():
        link = db.session.scalars(select(JoinLink)).one()
        assert link.expires_at.date() == due + timedelta(days=15)


def test_a_replaced_link_makes_the_old_one_worthless(
    lead: CheckingClient, client: CheckingClient, manage: str
) -> None:
    lead.send(manage, page=manage)
    old = address_on(html(lead, manage))
    client.send(old, page=old)
    lead.send(f"{manage}/renew", page=manage)
    new = address_on(html(lead, manage))
    assert new != old
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    assert "Continue your rating" in client.get(new).get_data(as_text=True)


def test_a_stopped_link_lets_nobody_in_until_a_new_one_is_made(
    lead: CheckingClient, client: CheckingClient, manage: str
) -> None:
    lead.send(manage, page=manage)
    old = address_on(html(lead, manage))
    lead.send(f"{manage}/revoke", page=manage)
    text = html(lead, manage)
    assert "The join link lets nobody in" in text
    assert "It was stopped." in text
    assert "/j/" not in text
    assert client.get(old).status_code == 404
    lead.send(f"{manage}/renew", page=manage)
    assert client.get(address_on(html(lead, manage))).status_code == 200
    assert client.get(old).status_code == 404


def test_every_change_is_in_the_audit_log(app: Flask, lead: CheckingClient, manage: str) -> None:
    settings = {"last_day": str(clock.today() + timedelta(days=3))}
    for verb in ("", "/settings", "/renew", "/revoke", "/revoke"):
        lead.send(manage + verb, settings, page=manage)
    with app.app_context():
        assert [event.action for event in events()] == [
            "join_link.made",
            "join_link.changed",
            "join_link.renewed",
            "join_link.revoked",
        ]
        assert {event.who for event in events()} == {"Lead <lead@example.org>"}


def test_settings_are_kept(app: Flask, lead: CheckingClient, manage: str) -> None:
    lead.send(manage, page=manage)
    until = clock.today() + timedelta(days=5)
    lead.send(f"{manage}/settings", {"last_day": str(until)}, page=manage)
    with app.app_context():
        link = db.session.scalars(select(JoinLink)).one()
        assert not link.asks_job_role
        assert link.expires_at.date() == until + timedelta(days=1)
    assert f'value="{until}"' in html(lead, manage)


@pytest.mark.parametrize("days", [-1, 181])
def test_a_day_out_of_reach_is_refused_in_words(
    lead: CheckingClient, manage: str, days: int
) -> None:
    lead.send(manage, page=manage)
    day = clock.today() + timedelta(days=days)
    answer = lead.send(f"{manage}/settings", {"last_day": str(day)}, page=manage)
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count("Choose a day from today to") == 2


def test_the_poster_says_all_that_staff_need(lead: CheckingClient, manage: str) -> None:
    lead.send(manage, page=manage)
    code = address_on(html(lead, manage)).rpartition("/")[2]
    poster = html(lead, f"{manage}/poster")
    for words in ("Alder Clinic", "about ten minutes", "no account", "Nobody sees your single"):
        assert words in poster
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in poster
    assert "<title>QR code that opens" in poster


def test_there_is_no_poster_of_a_link_that_lets_nobody_in(
    lead: CheckingClient, manage: str
) -> None:
    assert lead.get(f"{manage}/poster").location == manage
    lead.send(manage, page=manage)
    lead.send(f"{manage}/revoke", page=manage)
    assert lead.get(f"{manage}/poster").location == manage


def test_with_another_secret_key_the_page_asks_for_a_new_link(
    app: Flask, lead: CheckingClient, client: CheckingClient, manage: str
) -> None:
    lead.send(manage, page=manage)
    with app.app_context():
        db.session.scalars(select(JoinLink)).one().code_sha256 = b"x" * 32
        db.session.commit()
    assert "The secret key of this Blockwise has changed" in html(lead, manage)
    lead.send(f"{manage}/renew", page=manage)
    assert client.get(address_on(html(lead, manage))).status_code == 200


def test_after_the_reveal_nobody_new_can_begin(
    app: Flask, lead: CheckingClient, manage: str, assessment: int
) -> None:
    lead.send(manage, page=manage)
    with app.app_context():
        seeding.reveal(assessment)
    assert "lets nobody in any more" in html(lead, manage)
    assert lead.send(f"{manage}/renew", page="/help").status_code == 409


def test_a_member_sees_no_link(cast: Cast, signed_in: SignedIn, manage: str) -> None:
    for path in (manage, f"{manage}/poster"):
        assert signed_in(cast.member).get(path).status_code == 403


def test_leads_find_it_where_they_look(
    cast: Cast, signed_in: SignedIn, lead: CheckingClient, manage: str, assessment: int
) -> None:
    for path in (f"/clinics/{cast.clinic}", f"/assessments/{assessment}/results"):
        assert manage in html(lead, path), path
        assert manage not in html(signed_in(cast.member), path), path
