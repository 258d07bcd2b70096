"""What was typed before a sign-in elsewhere is kept sealed, for an hour, and given back once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import KeptForm
from accounts.sso import kept_forms
from accounts.sso.kept_forms import CannotKeep, Kept
from core import clock
from core.db import db
from core.throttling import TooManyTries

SECRET = "only for tests"
FIELDS = (("resume-path", "/x"), ("resume-field-note", "tired 😀"), ("resume-field-note", "twice"))


def keep(fields: tuple[tuple[str, str], ...] = FIELDS, address: str = "192.0.2.1") -> str:
    return kept_forms.keep("/next", fields, address=address, secret=SECRET)


def test_it_is_given_back_once_and_cannot_be_read_meanwhile(app: Flask) -> None:
    with app.app_context():
        token = keep()
        row = db.session.scalars(select(KeptForm)).one()
        assert "tired" not in row.sealed
        assert token.encode() not in row.token_sha256
        assert kept_forms.take(token, secret=SECRET) == Kept("/next", FIELDS)
        assert kept_forms.take(token, secret=SECRET) == Kept()


def test_nothing_comes_back_late_or_for_another_token_or_key(app: Flask) -> None:
    with app.app_context():
        token = keep()
        with clock.frozen_at(clock.now() + kept_forms.KEPT_FOR):
            assert kept_forms.take(token, secret=SECRET) == Kept()
        assert kept_forms.take("", secret=SECRET) == Kept()
        assert kept_forms.take(token, secret="another key") == Kept()


def test_what_nobody_came_back_for_is_forgotten(app: Flask) -> None:
    with app.app_context():
        keep()
        with clock.frozen_at(clock.now() + timedelta(hours=2)):
            keep()
        assert db.session.scalar(select(func.count()).select_from(KeptForm)) == 1


def test_too_much_and_too_many_are_refused(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(CannotKeep):
            keep((("resume-field-note", "a" * kept_forms.LONGEST),))
        for _ in range(kept_forms.FROM_ADDRESS.allowed):
            keep((), "192.0.2.2")
        with pytest.raises(TooManyTries):
            keep((), "192.0.2.2")
        keep((), "192.0.2.3")
