"""Reads about devices that rate by join link."""

from __future__ import annotations

import hashlib

from sqlalchemy import String, bindparam, cast, select

from accounts.viewer import Joined
from assess.models import JoinedDevice
from core import clock, tenancy
from core.db import db

# built once: every request of a joined device asks this
_JOINED = select(
    JoinedDevice.assessment_id,
    JoinedDevice.rating_id,
    JoinedDevice.organization_id,
    JoinedDevice.clinic_id,
    JoinedDevice.is_shared,
    # on PostgreSQL the same statement opens the row-level security of the clinic's organization
    tenancy.carry(cast(JoinedDevice.organization_id, String)),
).where(
    JoinedDevice.token_sha256 == bindparam("token_sha256"),
    JoinedDevice.ended_at.is_(None),
    JoinedDevice.expires_at > bindparam("now"),
)


def get_joined(token: str) -> Joined | None:
    """The rating that the device with this token works on (one statement)."""
    digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
    row = db.session.execute(_JOINED, {"token_sha256": digest, "now": clock.now()}).one_or_none()
    return None if row is None else Joined(*row[:-1])
