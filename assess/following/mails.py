"""Writes the mails that ask people to rate, and the text to copy where no mail server is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import current_app

from assess.following import reasons, reminding
from assess.queries.reminders import Request, get_recipient, get_request, was_sent
from core import clock, jobs, mail
from core.days import day
from core.db import db
from core.worker import Handler

KIND_ONE = "mail who has to rate"


def send_planned(payload: Mapping[str, Any]) -> None:
    """The worker's part: have those mailed who still have to be asked or reminded, if anybody."""
    found = get_request(int(payload["assessment_id"]))
    if found is None or not mail.is_configured():
        return  # before a server is set, mail cannot be made up for
    reason = str(payload["reason"])
    if "due_on" in payload:  # planned before reasons named their day
        due_on = payload["due_on"]
        reason = reasons.named(reason, date.fromisoformat(due_on) if due_on else None)
    if reasons.is_wanted(reason, found.due_on, found.remind_days):
        _queue(found, reason)


def send_one(payload: Mapping[str, Any]) -> None:
    """The worker's part: mail one person, unless they have finished since that was decided.

    Raises jobs.TryLater or jobs.GiveUp.
    """
    assessment_id, reason = int(payload["assessment_id"]), str(payload["reason"])
    found = get_request(assessment_id)
    who = get_recipient(assessment_id, int(payload["person_id"])) if found else None
    if found is None or who is None:
        return
    if not reasons.is_wanted(reason, found.due_on, found.remind_days):
        return
    about = f"{found.clinic}, {found.quarter.label}"
    subject = f"Please rate {about}" if reason == reasons.OPENED else f"Reminder: rate {about}"
    words = _words("emails/rating_asked.txt", found, name=who.name, reason=reason)
    db.session.rollback()  # nothing is held while the mail server takes its time
    mail.send_queued({"to": who.email, "subject": subject, "text": words})


def remind_by_hand(assessment_id: int, *, sent_by: int) -> bool:
    """Mail everybody who has not finished; False when that was done today already, or cannot be."""
    found = get_request(assessment_id)
    reason = reasons.by_hand(clock.today())
    if found is None or not mail.is_configured() or was_sent(assessment_id, reason):
        return False
    _queue(found, reason, sent_by)
    return True


def text_to_copy(request: Request, *, join_address: str = "", join_code: str = "") -> str:
    """The reminder for everybody at once: for the clinic's own mail or chat."""
    return _words("emails/rating_copy.txt", request, address=join_address, code=join_code)


def _queue(request: Request, reason: str, sent_by: int | None = None) -> None:
    secret = current_app.secret_key or ""
    for person_id in reminding.claim(request.assessment_id, reason, sent_by=sent_by):
        payload = {
            "assessment_id": request.assessment_id,
            "person_id": person_id,
            "reason": reason,
        }
        key = f"{reason} {request.assessment_id} {person_id}"
        jobs.enqueue(KIND_ONE, payload, secret=secret, dedupe_key=key)


def _words(template: str, request: Request, **values: object) -> str:
    words = current_app.jinja_env.get_template(template)
    today = clock.today()
    is_ahead = request.due_on is not None and request.due_on >= today
    until = f" by {day(request.due_on)}" if request.due_on and is_ahead else ""
    values |= {"link": address_of(request.assessment_id), "today": today}
    return words.render(request=request, until=until, **values).strip()


def address_of(assessment_id: int) -> str:
    """The whole address where a person with an account rates; a worker has no request to ask."""
    adapter = current_app.url_map.bind("")
    path = adapter.build("assess.rate", {"assessment_id": assessment_id})
    return f"{current_app.config['BASE_URL']}{path}"


JOBS: Mapping[str, Handler] = {reminding.KIND: send_planned, KIND_ONE: send_one}
