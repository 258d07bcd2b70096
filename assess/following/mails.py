"""Writes the mails that ask people to rate, and the text to copy where no mail server is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import current_app

from assess.following import reasons, reminding
from assess.queries.following import Request, get_request
from core import clock, mail
from core.days import day
from core.worker import Handler


def send_planned(payload: Mapping[str, Any]) -> None:
    """The worker's part: mail those who still have to be asked or reminded, if anybody."""
    found = get_request(int(payload["assessment_id"]))
    due_on = date.fromisoformat(payload["due_on"]) if payload["due_on"] else None
    reason = str(payload["reason"])
    # a due day that was changed has jobs of its own; before it is set, mail cannot be made up for
    stale = found is None or (reason != reasons.OPENED and found.due_on != due_on)
    if found is None or stale or not mail.is_configured():
        return
    _send(found, reason)


def remind_by_hand(assessment_id: int, *, sent_by: int) -> int:
    """Mail everybody who has not finished, once a day; how many got a mail."""
    found = get_request(assessment_id)
    if found is None or not mail.is_configured():
        return 0
    return _send(found, reasons.by_hand(clock.today()), sent_by)


def text_to_copy(request: Request, *, join_address: str = "", join_code: str = "") -> str:
    """The reminder for everybody at once: for the clinic's own mail or chat."""
    return _words("emails/rating_copy.txt", request, address=join_address, code=join_code)


def _send(request: Request, reason: str, sent_by: int | None = None) -> int:
    recipients = reminding.claim(request.assessment_id, reason, sent_by=sent_by)
    about = f"{request.clinic}, {request.quarter.label}"
    subject = f"Please rate {about}" if reason == reasons.OPENED else f"Reminder: rate {about}"
    for one in recipients:
        mail.queue_mail(
            to=one.email,
            subject=subject,
            text=_words("emails/rating_asked.txt", request, name=one.name, reason=reason),
            secret=current_app.secret_key or "",
        )
    return len(recipients)


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


JOBS: Mapping[str, Handler] = {reminding.KIND: send_planned}
