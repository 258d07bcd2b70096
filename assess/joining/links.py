"""Verbs of the join link, by which staff rate without an account: make, renew, change, stop.

The code of a link is computed from its number, so that its poster can be printed again; the
database keeps only its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from assess.holding import hold, hold_open_to_new_raters
from assess.joining.codes import code_hash, make_code
from assess.models import JoinLink
from assess.queries.joining import LinkState
from core import audit, clock
from core.db import db
from core.errors import NotFound

AFTER_THE_DUE_DAY = timedelta(days=14)
WITHOUT_A_DUE_DAY = timedelta(days=60)
LONGEST = timedelta(days=180)


def make_link(*, assessment_id: int, secret: str | bytes, person_id: int | None) -> JoinLink:
    """Let staff rate by a link and code; the link there is, if it was made before.

    Raises NotFound, or Conflict when the ratings were revealed.
    """
    assessment = hold_open_to_new_raters(assessment_id)
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
    assessment = hold_open_to_new_raters(assessment_id)
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


def lengthen(*, assessment_id: int, due_on: date) -> date | None:
    """Let the link work until the usual last day after this due day; its new last day.

    None, and nothing changed, when there is none, it was stopped, or it works that long already.
    Half a year ahead is the most, as for a day that somebody sets.
    """
    link = db.session.get(JoinLink, assessment_id, populate_existing=True)
    if link is None or link.revoked_at is not None:
        return None
    last_day = min(_usual_last_day(due_on), clock.today() + LONGEST)
    if end_of(last_day) <= link.expires_at:
        return None
    before = _facts(link)
    link.expires_at = end_of(last_day)
    db.session.flush()
    _record("lengthened", link, before=before, after=_facts(link))
    return last_day


def revoke_link(*, assessment_id: int) -> None:
    """Let nobody in any more; who has begun keeps rating. Raises NotFound."""
    hold(assessment_id)
    link = _link(assessment_id)
    if link.revoked_at is not None:
        return
    link.revoked_at = clock.now()
    db.session.flush()
    _record("revoked", link, before=_facts(link))


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
