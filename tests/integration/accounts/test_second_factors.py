"""Codes count once, guesses are few, and what is stored opens nothing by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.factors import queries as factor_queries
from accounts.factors import recovery, second_factors, totp
from accounts.factors.second_factors import PasswordTooShort, WrongCode
from accounts.models import Passkey, Person, RecoveryCode, SignIn
from core import clock
from core.audit import AuditEvent
from core.db import db
from core.throttling import TooManyTries
from tests.cast import Cast
from tests.pages import CheckingClient
from tests.phone import Phone, with_phone

SignedIn = Callable[[int], CheckingClient]


@pytest.fixture
def phone(app: Flask, cast: Cast) -> Phone:
    """The member's."""
    return with_phone(app, cast.member)


def check(app: Flask, person_id: int, typed: str, *, secret: str | None = None) -> str:
    """What a sign-in with this code would hear; commits either way, as the page does."""
    with app.app_context():
        try:
            second_factors.check(
                person_id=person_id, typed=typed, secret=secret or app.secret_key or ""
            )
            return "in"
        except (WrongCode, TooManyTries) as error:
            return type(error).__name__
        finally:
            db.session.commit()


def test_a_code_counts_once(app: Flask, cast: Cast, phone: Phone) -> None:
    code = phone.code()
    assert check(app, cast.member, code) == "in"
    assert check(app, cast.member, code) == "WrongCode"


def test_after_a_code_no_older_one_counts(app: Flask, cast: Cast, phone: Phone) -> None:
    now = clock.now()
    assert check(app, cast.member, phone.code(now + timedelta(seconds=30))) == "in"
    assert check(app, cast.member, phone.code(now)) == "WrongCode"


@pytest.mark.parametrize("late", [-60, 60])
def test_a_code_of_another_minute_is_wrong(app: Flask, cast: Cast, phone: Phone, late: int) -> None:
    now = clock.now()
    with clock.frozen_at(now):
        typed = phone.code(now + timedelta(seconds=late))
        assert check(app, cast.member, typed) == "WrongCode"


def test_the_code_that_turned_it_on_is_used(app: Flask, cast: Cast, phone: Phone) -> None:
    with app.app_context():
        on_since = factor_queries.get_second_factor(cast.member).on_since
    assert on_since is not None
    with clock.frozen_at(on_since):
        assert check(app, cast.member, phone.code()) == "WrongCode"


def test_four_browsers_with_one_code_and_one_gets_in(app: Flask, cast: Cast, phone: Phone) -> None:
    code = phone.code()
    assert at_once(lambda: check(app, cast.member, code), 4) == ["WrongCode"] * 3 + ["in"]


def test_four_browsers_with_one_recovery_code_and_one_gets_in(
    app: Flask, cast: Cast, phone: Phone
) -> None:
    code = phone.recovery_codes[0]
    assert at_once(lambda: check(app, cast.member, code), 4) == ["WrongCode"] * 3 + ["in"]


def test_guesses_side_by_side_are_counted_one_by_one(app: Flask, cast: Cast, phone: Phone) -> None:
    allowed = second_factors.WRONG_CODES.allowed
    heard = at_once(lambda: check(app, cast.member, phone.wrong_code), allowed + 3)
    assert heard == ["TooManyTries"] * 3 + ["WrongCode"] * allowed


def test_guessing_stops_even_the_right_code_for_a_while(
    app: Flask, cast: Cast, phone: Phone
) -> None:
    other = with_phone(app, cast.lead)
    for _ in range(second_factors.WRONG_CODES.allowed):
        assert check(app, cast.member, phone.wrong_code) == "WrongCode"
    assert check(app, cast.member, phone.code()) == "TooManyTries"
    assert check(app, cast.member, phone.recovery_codes[0]) == "TooManyTries"
    assert check(app, cast.lead, other.code()) == "in", "nobody else has to wait"
    with clock.frozen_at(clock.now() + second_factors.WRONG_CODES.window):
        assert check(app, cast.member, phone.code()) == "in"


def test_after_a_hundred_wrong_codes_in_a_row_only_a_recovery_code_helps(
    app: Flask, cast: Cast, phone: Phone
) -> None:
    limit = second_factors.WRONG_IN_A_ROW
    with app.app_context():
        for _ in range(limit.allowed - 1):
            limit.count(str(cast.member))
        db.session.commit()
    assert check(app, cast.member, phone.wrong_code) == "WrongCode"
    with clock.frozen_at(clock.now() + timedelta(days=2)):
        assert check(app, cast.member, phone.code()) == "TooManyTries"
        assert check(app, cast.member, phone.recovery_codes[0]) == "in"
        assert check(app, cast.member, phone.code()) == "in"


def test_a_recovery_code_counts_once_however_it_is_typed(
    app: Flask, cast: Cast, phone: Phone
) -> None:
    first, second, *_ = phone.recovery_codes
    sloppy = first.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert check(app, cast.member, f" {sloppy} ") == "in"
    assert check(app, cast.member, first) == "WrongCode"
    assert check(app, cast.lead, second) == "WrongCode", "and for its owner alone"
    with app.app_context():
        assert recovery.count_codes(cast.member) == 9


def test_new_recovery_codes_replace_the_old(app: Flask, cast: Cast, phone: Phone) -> None:
    with app.app_context():
        fresh = second_factors.new_recovery_codes(cast.member)
        db.session.commit()
    assert len(set(fresh)) == recovery.CODES
    assert check(app, cast.member, phone.recovery_codes[0]) == "WrongCode"
    assert check(app, cast.member, fresh[9]) == "in"


def test_the_database_holds_no_code_and_no_secret(app: Flask, cast: Cast, phone: Phone) -> None:
    with app.app_context():
        person = db.session.get_one(Person, cast.member)
        assert phone.key not in (person.totp_sealed or "")
        hashes = set(db.session.scalars(select(RecoveryCode.code_sha256)))
        told = str(
            [
                (line.subject, line.before, line.after)
                for line in db.session.scalars(select(AuditEvent))
            ]
        )
    bare = [code.replace("-", "") for code in phone.recovery_codes]
    assert hashes == {hashlib.sha256(code.encode()).digest() for code in bare}
    assert all(len(set(code)) > 4 and len(code) == 24 for code in bare)
    assert phone.key not in told
    assert not any(code in told for code in (*bare, *phone.recovery_codes))


def test_a_copy_of_the_database_is_useless_with_another_key(
    app: Flask, cast: Cast, phone: Phone
) -> None:
    assert check(app, cast.member, phone.code(), secret="another key") == "WrongCode"
    # whoever lost the key of the application itself can still be let in
    assert check(app, cast.member, phone.recovery_codes[0], secret="another key") == "in"


def test_a_wrong_first_code_turns_nothing_on(app: Flask, cast: Cast) -> None:
    secret = app.secret_key or ""
    with app.app_context():
        with pytest.raises(WrongCode):
            second_factors.turn_on(
                person_id=cast.member,
                sealed=totp.new_sealed_secret(secret=secret),
                code="12345",
                secret=secret,
            )
        assert not factor_queries.get_second_factor(cast.member).is_on


def test_turning_on_and_off_signs_out_the_other_browsers(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.member)
    assert browser.get("/account/second-factor").status_code == 200
    with_phone(app, cast.member)
    assert browser.get("/account/second-factor").status_code == 302
    browser = signed_in(cast.member)
    with app.app_context():
        second_factors.turn_off(person_id=cast.member)
        db.session.commit()
        assert not factor_queries.get_second_factor(cast.member).is_on
        assert recovery.count_codes(cast.member) == 0
    assert browser.get("/account/second-factor").status_code == 302


def test_a_short_password_keeps_its_second_factor(app: Flask, cast: Cast, phone: Phone) -> None:
    with app.app_context():
        db.session.get_one(Person, cast.member).password_is_short = True
        with pytest.raises(PasswordTooShort, match="15 characters"):
            second_factors.turn_off(person_id=cast.member)
        assert factor_queries.get_second_factor(cast.member).is_on


def test_an_administrator_removes_all_that_was_lost(
    app: Flask, cast: Cast, phone: Phone, signed_in: SignedIn
) -> None:
    signed_in(cast.member)
    with app.app_context():
        db.session.add(
            Passkey(
                person_id=cast.member,
                credential_id=b"1",
                credential=b"2",
                name="Lost phone",
                created_at=clock.now(),
            )
        )
        db.session.get_one(Person, cast.member).password_is_short = True
        db.session.flush()
        removed = second_factors.remove_second_factor(cast.member)
        db.session.commit()
        assert removed == second_factors.Removed(True, 1, 0, True)
        factor = factor_queries.get_second_factor(cast.member)
        assert (factor.is_on, factor.codes_left) == (False, 0)
        assert factor_queries.list_passkeys(cast.member) == ()
        live = select(func.count()).where(
            SignIn.person_id == cast.member, SignIn.ended_at.is_(None)
        )
        assert db.session.scalar(live) == 0
    assert check(app, cast.member, phone.code()) == "WrongCode"
    assert check(app, cast.member, phone.recovery_codes[0]) == "WrongCode"


def test_every_change_leaves_a_line(app: Flask, cast: Cast, phone: Phone) -> None:
    check(app, cast.member, phone.wrong_code)
    check(app, cast.member, phone.recovery_codes[0])
    with app.app_context():
        second_factors.turn_off(person_id=cast.member)
        second_factors.remove_second_factor(cast.member)
        db.session.commit()
        lines = db.session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.subject.startswith(f"person {cast.member} "))
            .order_by(AuditEvent.id)
        ).all()
    assert [line for line in lines if not line.startswith("person.")] == [
        "second_factor.turned_on",
        "recovery_codes.made",
        "second_factor.wrong_code",
        "recovery_code.used",
        "second_factor.turned_off",
        "second_factor.removed",
    ]


def at_once(work: Callable[[], str], times: int) -> list[str]:
    start = Barrier(times)

    def run() -> str:
        start.wait()
        return work()

    with ThreadPoolExecutor(times) as pool:
        return sorted(one.result() for one in [pool.submit(run) for _ in range(times)])
