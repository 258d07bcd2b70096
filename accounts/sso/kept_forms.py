"""Keeps what was typed while a sign-in leaves our pages: sealed, for an hour, for one browser.

The browser holds a random token in its signed session; the table its SHA-256. No cookie could hold
a form, and what people typed does not belong into one that is only signed.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from accounts.models import KeptForm
from accounts.sign_in.signing_in import network_of
from core import clock
from core.db import db
from core.errors import BlockwiseError
from core.sealing import CannotOpen, seal, unseal
from core.throttling import Limit

PURPOSE = "kept form"
KEPT_FOR = timedelta(hours=1)
# ten times the longest form of ours; anybody may send one here without being signed in
LONGEST = 500_000
FROM_ADDRESS = Limit("kept form", allowed=60, window=timedelta(hours=1))


class CannotKeep(BlockwiseError):
    """There is too much to keep; signing in by password carries it in the page itself."""

    status = 413
    title = "That is too much text"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where somebody wanted to go, and the fields of the form they bring along."""

    next_path: str = ""
    resume: tuple[tuple[str, str], ...] = ()


def keep(
    next_path: str, resume: Sequence[tuple[str, str]], *, address: str, secret: str | bytes
) -> str:
    """Store both for an hour and return the token that gives them back.

    Raises CannotKeep, and TooManyTries when one network address keeps many.
    """
    text = json.dumps([next_path, list(resume)])
    if len(text) > LONGEST:
        raise CannotKeep("Sign in with your password instead; what you typed is kept on this page.")
    FROM_ADDRESS.take(network_of(address))
    now = clock.now()
    db.session.execute(delete(KeptForm).where(KeptForm.expires_at <= now))
    token = secrets.token_urlsafe(32)
    db.session.add(
        KeptForm(
            token_sha256=_hash(token),
            sealed=seal(text, secret=secret, purpose=PURPOSE),
            expires_at=now + KEPT_FOR,
        )
    )
    db.session.flush()
    return token


def take(token: str, *, secret: str | bytes) -> Kept:
    """Give back what was kept, once; nothing when there is nothing, or not any more."""
    row = db.session.execute(
        delete(KeptForm)
        .where(KeptForm.token_sha256 == _hash(token), KeptForm.expires_at > clock.now())
        .returning(KeptForm.sealed)
    ).one_or_none()
    if row is None:
        return Kept()
    try:
        next_path, resume = json.loads(unseal(row.sealed, secret=secret, purpose=PURPOSE))
    except CannotOpen:
        return Kept()
    return Kept(next_path, tuple((name, value) for name, value in resume))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
