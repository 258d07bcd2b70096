"""Verbs of rating on a device without an account: take it in, let it go.

A device holds one rating by a random token of its own, so that a code that is passed on lets
nobody into a rating that has begun.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update

from accounts.viewer import Joined
from assess.holding import refuse_new_raters, share
from assess.joining.codes import token_hash
from assess.models import JoinedDevice, Rating
from assess.queries.joining import Offer
from core import clock
from core.db import db

GRACE = timedelta(days=14)
"""How long a device may go on after its link has expired."""
SHARED_HOLD = timedelta(hours=4)
"""Nobody rates for longer; then a forgotten rating on a shared device is closed to the next."""


def join(
    *, offer: Offer, job_role: str | None, is_shared: bool, held: Joined | None = None
) -> tuple[str, datetime]:
    """Begin a rating on a device: the token it keeps, and until when that is good.

    `held` is what this browser rated before; it lets go of that. Raises AssessmentClosed.
    """
    assessment = share(offer.assessment_id)
    refuse_new_raters(assessment)
    if held is not None:
        leave(held)
    token = secrets.token_urlsafe(32)
    digest = token_hash(token)
    now = clock.now()
    owner = {"organization_id": assessment.organization_id, "clinic_id": assessment.clinic_id}
    rating = Rating(
        **owner,
        assessment_id=assessment.id,
        device_token_sha256=digest,
        job_role=job_role if offer.asks_job_role else None,
        started_at=now,
    )
    db.session.add(rating)
    db.session.flush()
    until = now + SHARED_HOLD if is_shared else offer.expires_at + GRACE
    db.session.add(
        JoinedDevice(
            **owner,
            token_sha256=digest,
            assessment_id=assessment.id,
            rating_id=rating.id,
            is_shared=is_shared,
            created_at=now,
            expires_at=until,
        )
    )
    db.session.flush()
    return token, until


def leave(joined: Joined) -> None:
    """End a device's hold on its rating; what was answered stays as it is."""
    end_hold(joined.rating_id)


def end_hold(rating_id: int) -> None:
    """Let no device open this rating any more."""
    db.session.execute(
        update(JoinedDevice)
        .where(JoinedDevice.rating_id == rating_id, JoinedDevice.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
