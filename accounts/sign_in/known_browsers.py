"""A signed cookie names browsers in which somebody has signed in before.

It opens nothing. A wrong password there is counted for that browser alone, so that a stranger who
tries passwords from elsewhere cannot lock a person out of the browsers they use.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import after_this_request, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from accounts.sign_in.signing_in import KnownBrowser

LASTS = timedelta(days=180)
# a shared computer at the front desk; who has not been there for longest is forgotten
MOST_PEOPLE = 12
_COOKIE = "blockwise-known"


def current() -> KnownBrowser:
    """The browser that asks; without people when it has no sound cookie."""
    text = request.cookies.get(_cookie_name(), "")
    try:
        name, people = _signer().loads(text, max_age=int(LASTS.total_seconds()))
        return KnownBrowser(str(name), tuple(int(one) for one in people))
    except (BadData, ValueError, TypeError):
        return KnownBrowser()


def remember(person_id: int) -> None:
    """Note on the answer to this request that the person has signed in here."""
    browser = current()
    name = browser.name or secrets.token_urlsafe(12)
    people = [person_id, *(one for one in browser.people if one != person_id)][:MOST_PEOPLE]
    value = _signer().dumps([name, people])

    @after_this_request
    def _note(response: Response) -> Response:
        response.set_cookie(
            _cookie_name(),
            value,
            max_age=LASTS,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _cookie_name() -> str:
    return f"__Host-{_COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else _COOKIE


def _signer() -> URLSafeTimedSerializer:
    secret = current_app.secret_key or ""
    return URLSafeTimedSerializer(secret, salt="browsers that somebody has signed in with")
