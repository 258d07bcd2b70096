"""One-time links work once, for a while, and only with their very secret."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask

from accounts import tokens
from accounts.models import Purpose, Role, Token
from core import clock
from core.db import db
from tests.cast import Cast

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LIFETIME = timedelta(days=14)


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def invitation(cast: Cast, email: str = "new@example.org") -> tuple[Token, str]:
    made = tokens.issue(
        purpose=Purpose.INVITATION,
        email=email,
        lifetime=LIFETIME,
        role=Role.MEMBER,
        organization_id=cast.organization,
        clinic_id=cast.clinic,
        created_by=cast.lead,
    )
    db.session.commit()
    return made


def reset(cast: Cast) -> tuple[Token, str]:
    made = tokens.issue(
        purpose=Purpose.RESET,
        email="member@example.org",
        lifetime=timedelta(minutes=30),
        person_id=cast.member,
    )
    db.session.commit()
    return made


def test_the_secret_finds_its_link_and_stands_nowhere(cast: Cast) -> None:
    token, secret = invitation(cast, email="  New@Example.ORG ")
    assert len(secret) >= 43  # 256 bits in base 64
    found = tokens.find(secret, Purpose.INVITATION)
    assert found is not None
    assert (found.id, found.email) == (token.id, "new@example.org")
    stored = [str(getattr(found, column.key)) for column in Token.__table__.columns]
    assert not any(secret in value for value in stored)


@pytest.mark.parametrize("wrong", ["", "x", "\0", "\ud800", "ä" * 4000])
def test_any_other_secret_finds_nothing(cast: Cast, wrong: str) -> None:
    _token, secret = invitation(cast)
    assert tokens.find(wrong, Purpose.INVITATION) is None
    assert tokens.find(secret[:-1], Purpose.INVITATION) is None
    assert tokens.find(secret.swapcase(), Purpose.INVITATION) is None


def test_a_link_serves_its_own_purpose_only(cast: Cast) -> None:
    _token, secret = invitation(cast)
    _other, reset_secret = reset(cast)
    assert tokens.find(secret, Purpose.RESET) is None
    assert tokens.find(reset_secret, Purpose.INVITATION) is None
    assert tokens.find(reset_secret, Purpose.RESET) is not None


def test_a_used_link_is_dead(cast: Cast) -> None:
    token, secret = invitation(cast)
    tokens.use(token, person_id=cast.member)
    db.session.commit()
    assert tokens.find(secret, Purpose.INVITATION) is None
    kept = db.session.get_one(Token, token.id)
    assert (kept.used_at is not None, kept.person_id) == (True, cast.member)
    with pytest.raises(tokens.DeadLink):
        tokens.use(token)


def test_using_a_reset_keeps_whose_it_is(cast: Cast) -> None:
    token, _secret = reset(cast)
    tokens.use(token)
    db.session.commit()
    assert db.session.get_one(Token, token.id).person_id == cast.member


def test_a_link_dies_at_its_very_moment(cast: Cast) -> None:
    with clock.frozen_at(NOW):
        token, secret = invitation(cast)
    with clock.frozen_at(NOW + LIFETIME - timedelta(seconds=1)):
        assert tokens.find(secret, Purpose.INVITATION) is not None
    with clock.frozen_at(NOW + LIFETIME):
        assert tokens.find(secret, Purpose.INVITATION) is None
        with pytest.raises(tokens.DeadLink):
            tokens.use(token)


def test_a_revoked_link_is_dead_even_for_who_had_found_it(cast: Cast) -> None:
    token, secret = invitation(cast)
    assert tokens.revoke(token)
    db.session.commit()
    assert tokens.find(secret, Purpose.INVITATION) is None
    assert not tokens.revoke(token)
    with pytest.raises(tokens.DeadLink):
        tokens.use(token)


def test_all_resets_of_a_person_go_together_and_nothing_else(cast: Cast) -> None:
    _first, first_secret = reset(cast)
    _second, second_secret = reset(cast)
    _invitation, kept = invitation(cast, email="member@example.org")
    assert tokens.revoke_all_of(cast.member, Purpose.RESET) == 2
    db.session.commit()
    assert tokens.find(first_secret, Purpose.RESET) is None
    assert tokens.find(second_secret, Purpose.RESET) is None
    assert tokens.find(kept, Purpose.INVITATION) is not None


def test_of_eight_at_once_one_uses_the_link(app: Flask, cast: Cast) -> None:
    _token, secret = invitation(cast)
    db.session.rollback()
    start = Barrier(8)

    def try_to_use(_number: int) -> bool:
        with app.app_context():
            start.wait()
            token = tokens.find(secret, Purpose.INVITATION)
            try:
                if token is None:
                    return False
                tokens.use(token)
            except tokens.DeadLink:
                db.session.rollback()
                return False
            db.session.commit()
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(try_to_use, range(8))) == [False] * 7 + [True]


def test_of_two_that_both_found_it_the_second_is_refused(app: Flask, cast: Cast) -> None:
    """The look-up may be older than the other's use; the use itself decides."""
    token, _secret = invitation(cast)
    stale = token.id
    tokens.use(token)
    db.session.commit()
    with app.app_context():
        again = db.session.get_one(Token, stale)
        with pytest.raises(tokens.DeadLink):
            tokens.use(again)
