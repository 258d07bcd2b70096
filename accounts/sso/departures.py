"""Remembers in this browser's session the sign-ins that are away at the provider.

The session is signed and lives in the browser: a return counts in the browser that departed only,
and once. Several windows may be away at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import session

from accounts.sso.oidc import Departure
from core import clock

BACK_WITHIN = timedelta(hours=1)
MOST_AWAY = 4
_KEY = "away"


@dataclass(frozen=True, slots=True)
class Pending:
    """What this browser remembers of one departure.

    `kept` is the token of the form that was typed before ("" for none), `person_id` is who links
    the account (0: somebody signs in).
    """

    nonce: str
    verifier: str
    kept: str
    person_id: int
    since: int


def note(departure: Departure, *, kept: str = "", person_id: int = 0) -> None:
    """Remember a departure; the oldest of many is forgotten."""
    since = int(clock.now().timestamp())
    away: dict[str, list[str | int]] = session.get(_KEY, {})
    newest = sorted(away.items(), key=lambda one: int(one[1][-1]))[-(MOST_AWAY - 1) :]
    entry = [departure.nonce, departure.verifier, kept, person_id, since]
    session[_KEY] = {**dict(newest), departure.state: entry}


def come_back(state: str) -> Pending | None:
    """What was remembered under this state, once; None when it is unknown here or too long ago."""
    away: dict[str, list[str | int]] = dict(session.get(_KEY, {}))
    entry = away.pop(state, None)
    session[_KEY] = away
    if entry is None:
        return None
    nonce, verifier, kept, person_id, since = entry
    if clock.now().timestamp() - int(since) > BACK_WITHIN.total_seconds():
        return None
    return Pending(str(nonce), str(verifier), str(kept), int(person_id), int(since))
