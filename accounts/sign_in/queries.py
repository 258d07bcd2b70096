"""Reads about signed-in browsers, for the person's own list and for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.models import Method, SignIn
from accounts.sign_in.browser_names import name_browser
from accounts.sign_in.sign_ins import token_hash
from core import clock
from core.db import db

_HOW = {
    Method.PASSWORD: "Password",
    Method.PASSWORD_AND_CODE: "Password and code",
    Method.PASSKEY: "Passkey",
    Method.SINGLE_SIGN_ON: "Single sign-on",
    Method.INVITATION: "Invitation",
    Method.RESET: "Link for a new password",
    Method.DEMONSTRATION: "Demonstration",
}


@dataclass(frozen=True, slots=True)
class SignedInBrowser:
    """One browser in which a person is signed in now."""

    id: int
    browser: str
    since: datetime
    ago: str
    address: str
    how: str
    is_this: bool


def list_browsers(person_id: int, *, token: str = "") -> tuple[SignedInBrowser, ...]:
    """Where the person is signed in: the browser with the token first, then the newest.

    A browser that has been idle for half an hour is signed out by its own cookie, so its row may
    stand here until its twelve hours are over.
    """
    now, own = clock.now(), token_hash(token)
    rows = db.session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(SignIn.created_at.desc(), SignIn.id.desc())
    )
    browsers = [
        SignedInBrowser(
            id=row.id,
            browser=name_browser(row.browser),
            since=row.created_at,
            ago=in_words(int((now - row.created_at).total_seconds() // 60)),
            address=row.address,
            how=_HOW[Method(row.method)],
            is_this=row.token_sha256 == own,
        )
        for row in rows
    ]
    return tuple(sorted(browsers, key=lambda one: not one.is_this))


def in_words(minutes: int) -> str:
    """How long ago, without a clock time that would need a time zone."""
    if minutes < 1:
        return "just now"
    count, unit = (minutes, "minute") if minutes < 60 else (minutes // 60, "hour")
    return f"{count} {unit}{'s' if count > 1 else ''} ago"
