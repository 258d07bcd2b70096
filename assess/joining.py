"""Verbs of rating without an account: make and stop the join link, take a device in, let it go.

The code of a link is computed from its number, so that its poster can be printed again; the
database keeps only its hash. A device holds one rating by a random token of its own, so that a
code that is passed on lets nobody into a rating that has begun.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import update

from accounts.viewer import Joined
from assess.holding import AssessmentClosed, hold
from assess.join_codes import code_hash, make_code
from assess.models import Assessment, JoinedDevice, JoinLink, Rating, State
from assess.queries.joining import LinkState, Offer
from core import audit, clock
from core.db import db
from core.errors import Conflict, NotFound

AFTER_THE_DUE_DAY = timedelta(days=14)
WITHOUT_A_DUE_DAY = timedelta(days=60)
LONGEST = timedelta(days=180)
GRACE = timedelta(days=14)
"""How long a device may go on after its link has expired."""
SHARED_HOLD = timedelta(hours=4)
"""Nobody rates for longer; then a forgotten rating on a shared device is closed to the next."""


def make_link(*, assessment_id: int, secret: str | bytes, person_id: int | None) -> JoinLink:
    """Let staff rate by a link and code; the link there is, if it was made before.

    Raises NotFound, or Conflict when the ratings were revealed.
    """
    assessment = _still_open(assessment_id)
    link = db.session.get(JoinLink, assessment_id)
    if link is not None:
        return link
    code = make_code(secret=secret, assessment_id=assessment_id, number=1)
    link = JoinLink(
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        assessment_id=assessment_id,
        number=1,
        code_sha256=code_hash(code),
        created_by=person_id,
        created_at=clock.now(),
        expires_at=end_of(_usual_last_day(assessment.due_on)),
    )
    db.session.add(link)
    db.session.flush()
    _record("made", link, after=_facts(link))
    return link


def renew_link(*, assessment_id: int, secret: str | bytes) -> JoinLink:
    """Make the old code worthless and let a new one in; who has begun keeps rating.

    Raises NotFound, or Conflict when the ratings were revealed.
    """
    assessment = _still_open(assessment_id)
    link = _link(assessment_id)
    before = _facts(link)
    link.number += 1
    link.code_sha256 = code_hash(
        make_code(secret=secret, assessment_id=assessment_id, number=link.number)
    )
    link.revoked_at = None
    link.expires_at = max(link.expires_at, end_of(_usual_last_day(assessment.due_on)))
    db.session.flush()
    _record("renewed", link, before=before, after=_facts(link))
    return link


def change_link(*, assessment_id: int, last_day: date, asks_job_role: bool) -> JoinLink:
    """Set until when the link works and whether it asks for the job. Raises NotFound."""
    hold(assessment_id)
    link = _link(assessment_id)
    before = _facts(link)
    link.expires_at = end_of(last_day)
    link.asks_job_role = asks_job_role
    db.session.flush()
    if before != _facts(link):
        _record("changed", link, before=before, after=_facts(link))
    return link


def revoke_link(*, assessment_id: int) -> None:
    """Let nobody in any more; who has begun keeps rating. Raises NotFound."""
    hold(assessment_id)
    link = _link(assessment_id)
    if link.revoked_at is not None:
        return
    link.revoked_at = clock.now()
    db.session.flush()
    _record("revoked", link, before=_facts(link))


def join(
    *, offer: Offer, job_role: str | None, is_shared: bool, held: Joined | None = None
) -> tuple[str, datetime]:
    """Begin a rating on a device: the token it keeps, and until when that is good.

    `held` is what this browser rated before; it lets go of that. Raises AssessmentClosed.
    """
    assessment = _still_open(offer.assessment_id)
    if held is not None:
        leave(held)
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).digest()
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
    db.session.execute(
        update(JoinedDevice)
        .where(JoinedDevice.rating_id == joined.rating_id, JoinedDevice.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def code_of(assessment_id: int, link: LinkState, *, secret: str | bytes) -> str | None:
    """The code of a link; None when it was made with another secret key and must be renewed."""
    code = make_code(secret=secret, assessment_id=assessment_id, number=link.number)
    return code if code_hash(code) == link.code_sha256 else None


def end_of(last_day: date) -> datetime:
    """When a day is over from Maine to Hawaii: at noon of the next one in UTC."""
    return datetime.combine(last_day + timedelta(days=1), time(12), UTC)


def _usual_last_day(due_on: date | None) -> date:
    today = clock.today()
    if due_on is None:
        return today + WITHOUT_A_DUE_DAY
    return max(due_on, today) + AFTER_THE_DUE_DAY


def _still_open(assessment_id: int) -> Assessment:
    assessment = hold(assessment_id)
    if assessment.state == State.CLOSED:
        raise AssessmentClosed("This assessment is closed, so nobody can rate any more.")
    if assessment.state != State.OPEN:
        raise Conflict(
            "The ratings were revealed to the team, so nobody can begin to rate any more."
        )
    return assessment


def _link(assessment_id: int) -> JoinLink:
    link = db.session.get(JoinLink, assessment_id, populate_existing=True)
    if link is None:
        raise NotFound("This assessment has no join link yet. Make one first.")
    return link


def _facts(link: JoinLink) -> dict[str, Any]:
    return {
        "number": link.number,
        "expires_at": link.expires_at,
        "asks_job_role": link.asks_job_role,
    }


def _record(
    verb: str,
    link: JoinLink,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        f"join_link.{verb}",
        subject=f"join link of assessment {link.assessment_id}",
        organization_id=link.organization_id,
        before=before,
        after=after,
    )
