"""Sends a browser to the provider and learns who came back, in words that a page can show.

The network is asked with no transaction open.
"""

from __future__ import annotations

import structlog
from flask import Flask, current_app, render_template, request

from accounts.models import Method
from accounts.sso import departures
from accounts.sso import linking as sso
from accounts.sso.departures import Pending
from accounts.sso.oidc import (
    Departure,
    Identified,
    NotProven,
    Provider,
    ProviderUnavailable,
    Registration,
)
from core import audit, transactions

log = structlog.get_logger(__name__)

AWAY = "Your organization's sign-in does not answer. Try again in a minute, or use your password."
NOT_PROVEN = "Your organization's sign-in did not work. Try again, or use your password."
CANCELED = "You did not sign in there. Try again, or use your password."
TOO_LATE = "That took too long, or was sent twice. Start again."
_EXTENSION = "single_sign_on"


class RoundTripFailed(Exception):
    """Nobody was identified; the text tells the person what to do."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


def init_app(app: Flask, registration: Registration | None) -> None:
    """Offer the provider of the settings; None when there is none."""
    app.extensions[_EXTENSION] = Provider(registration) if registration else None
    app.jinja_env.globals["single_sign_on_label"] = registration.label if registration else ""


def get_provider() -> Provider | None:
    """The provider of this installation, if there is one."""
    found: Provider | None = current_app.extensions.get(_EXTENSION)
    return found


def depart(provider: Provider) -> Departure:
    """Ask where to go. Ends the transaction it is called in. Raises RoundTripFailed."""
    sso.release()
    try:
        return provider.depart()
    except (ProviderUnavailable, NotProven) as error:
        log.warning("single sign-on cannot begin", error=str(error))
        raise RoundTripFailed(AWAY, 503) from error


def leave(departure: Departure, *, kept: str = "", person_id: int = 0) -> str:
    """A page that goes to the provider by itself; the browser remembers what it must.

    Not a redirect: browsers hold the answer to a form to the policy `form-action 'self'`.
    """
    departures.note(departure, kept=kept, person_id=person_id)
    return render_template("accounts/single_sign_on_leave.html", address=departure.address)


def identify(provider: Provider, pending: Pending) -> Identified:
    """Who came back. Ends the transaction it is called in. Raises RoundTripFailed."""
    sso.release()
    error = request.form.get("error", "")
    try:
        if error == "access_denied":
            raise RoundTripFailed(CANCELED, 422)
        if error or not _is_issuer(provider, request.form.get("iss")):
            raise NotProven(f"it sent the browser back with {error or 'another issuer'!r:.80}")
        return provider.identify(
            code=request.form.get("code", ""), nonce=pending.nonce, verifier=pending.verifier
        )
    except ProviderUnavailable as reason:
        log.warning("single sign-on cannot go on", error=str(reason))
        raise RoundTripFailed(AWAY, 503) from reason
    except NotProven as reason:
        log.warning("single sign-on refused", error=str(reason))
        note_failure("not proven")
        raise RoundTripFailed(NOT_PROVEN, 422) from reason


def note_failure(reason: str) -> None:
    """Record in the log of who did what that somebody was not let in, whatever is answered."""
    transactions.keep()
    audit.record(
        "person.sign_in_failed",
        subject="an account of the single sign-on",
        after={"method": Method.SINGLE_SIGN_ON, "reason": reason},
    )


def _is_issuer(provider: Provider, named: str | None) -> bool:
    """RFC 9207: a provider that names itself in its answer must be the one we asked."""
    return named is None or named.rstrip("/") == provider.registration.issuer.rstrip("/")
