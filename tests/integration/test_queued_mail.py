"""A mail goes out once what caused it is committed, and waits while the mail server is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, render_template
from sqlalchemy import select

from core import clock, jobs, mail, smtp, worker
from core.db import db
from tests.smtp_server import MailServer, mail_server

SENDER = mail.parse_sender("Blockwise <blockwise@example.org>")


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    with mail_server(MailServer()) as running:
        address = smtp.parse_url(f"smtp://127.0.0.1:{running.port}?starttls=off")
        mail.init_app(app, mail.Mailbox(address, SENDER))
        yield running


def queue(app: Flask, to: str = "lead@example.org") -> None:
    with app.app_context():
        mail.queue_mail(to=to, subject="Hello", text="A link", secret=app.secret_key or "")
        db.session.commit()


def error_of_the_job(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(select(jobs.Job.error)).one()


def test_without_a_mail_server_flows_know_and_mail_waits(app: Flask) -> None:
    with app.app_context():
        assert not mail.is_configured()
    queue(app)
    assert worker.run_one(app)
    assert "BLOCKWISE_SMTP_URL" in error_of_the_job(app)


def test_a_queued_mail_is_sent_once(app: Flask, server: MailServer) -> None:
    with app.app_context():
        assert mail.is_configured()
        assert "answers with no TLS" in mail.check_connection()
    queue(app)
    assert worker.run_one(app)
    assert not worker.run_one(app)
    assert [message["To"] for message in server.messages] == ["lead@example.org"]


def test_a_mail_put_off_is_sent_later(app: Flask, server: MailServer) -> None:
    server.answers = ["450 later"]
    queue(app)
    assert worker.run_one(app)
    assert server.messages == []
    with clock.frozen_at(clock.now() + timedelta(minutes=1)):
        assert worker.run_one(app)
    assert len(server.messages) == 1


@pytest.mark.parametrize("to", ["gone@example.org", "no address"])
def test_a_mail_nobody_takes_is_given_up(app: Flask, server: MailServer, to: str) -> None:
    server.answers = ["550 unknown"]
    queue(app, to)
    assert worker.run_one(app)
    assert "address" in error_of_the_job(app)
    assert to not in error_of_the_job(app)
    with app.app_context():
        assert jobs.standing().given_up == 1


def test_the_texts_say_what_the_person_needs(app: Flask) -> None:
    with app.test_request_context():
        invitation = render_template(
            "emails/invitation.txt",
            name="Ana",
            role="lead",
            place="Smith & Sons Clinic",
            invited_by="Coach O'Hara",
            link="https://b.example/invitation/abc",
            valid_until="Nov 28, 2026",
        )
        reset = render_template(
            "emails/password_reset.txt",
            name="Ana",
            link="https://b.example/reset/abc",
            valid_for="1 hour",
        )
    assert invitation.startswith("Hello Ana,\n\nCoach O'Hara invites you to Blockwise")
    assert "as a clinic lead of Smith & Sons Clinic." in invitation
    assert "\nhttps://b.example/invitation/abc\n" in invitation
    assert "until Nov 28, 2026" in invitation
    assert reset.startswith("Hello Ana,\n")
    assert "\nhttps://b.example/reset/abc\n" in reset
