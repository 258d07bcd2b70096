"""The signed session cookie and the page token beside it, checked on every request that writes.

Both are Flask's and Flask-WTF's own, in their formats; here they cost less. The cookie that ends a
sign-in when nobody clicks is signed anew once a minute, not with every answer that is saved, and
what signs and checks is built once per application instead of three times per request.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import cast

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadData, BadSignature, TimestampSigner, URLSafeTimedSerializer

from core import clock

WATCHED = "watched_since"
"""Since when the session lives on because somebody has a page on the screen that asks by itself."""
WATCHED_SECONDS = 60 * 60
"""So long after the last click such a page keeps the session alive, and no longer."""
FRESH_SECONDS = 60
"""So much earlier than PERMANENT_SESSION_LIFETIME may a session end that is not used."""
TOKEN_FIELD = "csrf_token"  # noqa: S105 - a field's name  # nosec B105
TOKEN_HEADER = "X-CSRFToken"  # noqa: S105 - a header's name  # nosec B105


class Session(SecureCookieSession):
    """A session that knows whether its cookie is old enough to be signed anew, and by what."""

    is_stale = True
    is_click = True


class SessionCookie(SecureCookieSessionInterface):
    """Flask's session, whose cookie goes out when it changed or is older than a minute."""

    digest_method = staticmethod(hashlib.sha1)
    session_class = Session

    def __init__(self) -> None:
        self._built: tuple[object, URLSafeTimedSerializer] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's serializer for the present keys, built once."""
        keys = app.secret_key, app.config["SECRET_KEY_FALLBACKS"]
        if self._built is None or self._built[0] != keys:
            serializer = super().get_signing_serializer(app)
            if serializer is None:
                return None
            self._built = keys, serializer
        return self._built[1]

    def open_session(self, app: Flask, request: Request) -> Session | None:
        """The session of the request's cookie; an empty one without it or if it is too old."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        text = request.cookies.get(self.get_cookie_name(app))
        if not text:
            return Session()
        try:
            values, signed_at = serializer.loads(
                text,
                max_age=int(app.permanent_session_lifetime.total_seconds()),
                return_timestamp=True,
            )
        except BadSignature:
            return Session()
        opened = Session(values)
        signer = cast(TimestampSigner, serializer.make_signer(self.salt))
        age = signer.get_timestamp() - signed_at.timestamp()
        opened.is_stale = age >= FRESH_SECONDS
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Whatever somebody asks for themselves ends the time of merely watching."""
        if getattr(session, "is_click", False) and WATCHED in session:
            del session[WATCHED]
        super().save_session(app, session, response)

    def should_set_cookie(self, _app: Flask, session: SessionMixin) -> bool:
        """Whether the answer carries the cookie: it changed, or lives on because it was used."""
        return session.modified or (session.permanent and getattr(session, "is_stale", True))


def is_no_use() -> None:
    """What pages ask by themselves keeps no session alive: a forgotten screen is nobody's click."""
    found = _session()
    if found is not None:
        found.is_stale = found.is_click = False


def is_watched() -> None:
    """What a page asks by itself while it is on a screen keeps the session alive for an hour.

    A team may talk for long without a tap on any phone. The hour runs from the last click, so that
    a screen that somebody left on keeps nobody signed in for the rest of the day.
    """
    found = _session()
    if found is None:
        return
    found.is_click = False
    if not found.is_stale or not found:
        return
    since = found.get(WATCHED)
    if since is None:
        found[WATCHED] = int(clock.now().timestamp())
    elif clock.now().timestamp() - since > WATCHED_SECONDS:
        found.is_stale = False


def _session() -> Session | None:
    found = session._get_current_object()  # type: ignore[attr-defined]
    return found if isinstance(found, Session) else None


class PageToken(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection against forged requests, for the one place a token can stand in."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Raises CSRFError unless the request carries the token of its session."""
        del apply_exemptions  # no view of ours is exempt
        sent = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD)
        expected = session.get(TOKEN_FIELD)
        if not sent or not isinstance(expected, str):
            raise CSRFError("The token of the page or of the session is missing.")
        try:
            signed = _signed_text(str(current_app.secret_key), sent)
        except BadData as error:
            raise CSRFError("The token of the page is not one of ours.") from error
        if not hmac.compare_digest(expected.encode(), signed.encode()):
            raise CSRFError("The token is of another session.")
        g.csrf_valid = True


@lru_cache(maxsize=2048)
def _signed_text(secret_key: str, token: str) -> str:
    """What a page token of Flask-WTF signs. Raises BadData; only good tokens are remembered.

    A page sends the same token with each of its answers, and a token has no age of its own.
    """
    signed = URLSafeTimedSerializer(
        secret_key, salt="wtf-csrf-token", signer_kwargs={"digest_method": hashlib.sha1}
    ).loads(token)
    if not isinstance(signed, str):
        raise BadData("not a text")
    return signed
