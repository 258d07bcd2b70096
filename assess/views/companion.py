"""The page on which the team follows its meeting, on a phone: what it talks about, and the vote."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, visitor
from accounts.permissions import may
from assess.answers import words
from assess.blueprint import blueprint
from assess.meeting.pace import clock_words, timer_words
from assess.meeting.presence import mark_of, note_presence
from assess.meeting.spread import change_words, voted_words
from assess.models import State
from assess.queries.companion import get_following
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.meetings import get_meeting
from assess.raters import rater_of
from assess.views.screens import note_screen
from core.qr import qr_code

Page = str | Response | tuple[str, int]


@blueprint.get("/assessments/<int:assessment_id>/meeting")
@requires("meeting.follow")
def companion(assessment_id: int) -> Page:
    note_screen()
    head = get_assessment_head(assessment_id)
    permit("meeting.follow", head.scope)
    return render_companion(head)


def render_companion(head: AssessmentHead, problem: str = "") -> str:
    """The page as it stands; `problem`: why a vote that was just sent did not count."""
    if not head.is_revealed:
        return render_template("assess/companion_early.html", head=head)
    meeting = get_meeting(head.id)
    runs = meeting is not None and meeting.is_running and head.state is not State.CLOSED
    somebody = visitor()
    return render_template(
        "assess/companion.html",
        head=head,
        meeting=meeting,
        is_over=head.state is State.CLOSED or (meeting is not None and not meeting.is_running),
        following=get_following(head, meeting, rater_of(somebody)) if meeting and runs else None,
        may_vote=may(somebody, "meeting.vote", head.scope),
        may_lead=may(somebody, "assessment.agree", head.scope),
        may_see_results=may(somebody, "results.view", head.scope),
        change_words=change_words,
        timer_words=timer_words,
        clock_words=clock_words,
        is_here=meeting is not None and mark_of(rater_of(somebody)) in meeting.present,
        voted_words=voted_words,
        words=words,
        problem=problem,
    )


@blueprint.post("/assessments/<int:assessment_id>/meeting/here")
@requires("meeting.follow")
def be_here(assessment_id: int) -> Page:
    """Whoever follows says that they are there, or takes it back."""
    head = get_assessment_head(assessment_id)
    permit("meeting.follow", head.scope)
    is_here = request.form.get("here") != "no"
    note_presence(assessment_id=head.id, rater=rater_of(visitor()), is_here=is_here)
    return redirect(url_for("assess.companion", assessment_id=head.id, _anchor="here"), 303)


@blueprint.app_template_global("companion_address")
def companion_address(assessment_id: int) -> str:
    """The address that people in the room open to follow the meeting."""
    base: str = current_app.config["BASE_URL"].rstrip("/")
    return base + url_for("assess.companion", assessment_id=assessment_id)


@blueprint.app_template_global("companion_qr")
def companion_qr(assessment_id: int) -> Markup:
    """The same as a QR code: an address without any secret, so it may stand on the wall."""
    address = companion_address(assessment_id)
    return qr_code(address, title=f"QR code that opens {address}")
