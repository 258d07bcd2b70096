"""Lets one transaction at a time do what no row can be held for, because there is none yet."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select

from core.db import db


def hold(name: str) -> None:
    """Wait until no other transaction holds this name; it is let go with commit or rollback.

    SQLite has one writer at a time anyway, so nothing is to be done there.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(key)))
