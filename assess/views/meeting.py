"""What every screen of a meeting asks each second, and the steps that move the meeting."""

from __future__ import annotations

from flask import Response, jsonify, redirect, render_template, request

from accounts.guard import permit, requires, viewer
from assess.blueprint import blueprint
from assess.meeting import parking, state
from assess.meeting.forms import MeetingForm, ParkForm
from assess.queries.discussions import get_discussion
from assess.queries.heads import AssessmentHead
from assess.queries.meetings import get_position
from assess.views.facilitating import (
    Filled,
    Page,
    facilitated,
    page_of,
    render_agenda,
    render_milestone,
)
from assess.views.screens import note_screen
from core.errors import NotFound

TIMER = {"stop": state.stop_timer, "pause": state.pause_timer}


@blueprint.get("/assessments/<int:assessment_id>/meeting/state")
@requires("meeting.follow")
def meeting_state(assessment_id: int) -> Response:
    note_screen(polled=True)
    position = get_position(assessment_id)
    permit("meeting.follow", position.scope)
    if not position.is_revealed:
        raise NotFound("The meeting begins once the results are revealed to the team.")
    if request.if_none_match.contains(str(position.version)):
        answer = Response(status=304)
    else:
        ends_at = position.timer_ends_at
        answer = jsonify(
            version=position.version,
            milestone=position.milestone,
            timer_ends_at=ends_at.isoformat() if ends_at else None,
            ended=position.ended,
        )
    answer.set_etag(str(position.version))
    return answer


@blueprint.post("/assessments/<int:assessment_id>/meeting")
@requires("assessment.agree")
def start_meeting(assessment_id: int) -> Page:
    """Begin the meeting and go to its first milestone, or change the settings of one that runs."""
    head = facilitated(assessment_id)
    talk = get_discussion(head)
    form = MeetingForm(request.form)
    if not form.validate():
        problems = [(f"#{one.id}", " ".join(one.errors)) for one in (form.attendance, form.minutes)]
        wrong = [one for one in problems if one[1]]
        return render_agenda(head, settings=form, problems=wrong), 422
    state.start(
        assessment_id=assessment_id,
        person_id=viewer().person_id,
        attendance=form.line,
        minutes=form.new_minutes,
    )
    first = talk.following()
    if talk.is_running or first is None:
        return redirect(page_of(assessment_id, None))
    return _move(head, first.key, seen_at=None)


@blueprint.post("/assessments/<int:assessment_id>/meeting/move")
@requires("assessment.agree")
def move_meeting(assessment_id: int) -> Page:
    head = facilitated(assessment_id)
    wanted = request.form.get("milestone")
    if not wanted:
        return redirect(page_of(assessment_id, None))
    return _move(head, wanted, request.form.get("at") or None)


@blueprint.post("/assessments/<int:assessment_id>/meeting/timer")
@requires("assessment.agree")
def set_timer(assessment_id: int) -> Page:
    head = facilitated(assessment_id)
    change = TIMER.get(request.form.get("timer", ""), state.start_timer)
    change(assessment_id=assessment_id, person_id=viewer().person_id)
    return redirect(page_of(assessment_id, _known(head, request.form.get("page"))))


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>/park")
@requires("assessment.agree")
def park(assessment_id: int, milestone: str) -> Page:
    head = facilitated(assessment_id)
    talk = get_discussion(head)
    item = talk.item(milestone)
    form = ParkForm(request.form)
    if not form.validate():
        problems = [(f"#{form.reason.id}", " ".join(form.reason.errors))]
        return render_milestone(head, milestone, Filled(reason=form, problems=problems), talk), 422
    try:
        following = parking.park(
            assessment_id=assessment_id,
            milestone=milestone,
            reason=form.text,
            person_id=viewer().person_id,
            onward=[one.key for one in talk.onward(item)],
        )
    except parking.AlreadyAgreed as refused:  # nothing to wait for any more, and nothing lost
        typed = f" You typed: “{form.text}”" if form.text else ""
        problem = [(f"#m-{milestone}", f"{refused}{typed}")]
        return render_milestone(head, milestone, Filled(problems=problem)), refused.status
    return redirect(page_of(assessment_id, following))


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>/unpark")
@requires("assessment.agree")
def unpark(assessment_id: int, milestone: str) -> Page:
    head = facilitated(assessment_id)
    parking.unpark(assessment_id=assessment_id, milestone=milestone)
    return redirect(page_of(assessment_id, _known(head, request.form.get("page"))))


def _move(head: AssessmentHead, milestone: str, seen_at: str | None) -> Page:
    try:
        state.go_to(
            assessment_id=head.id,
            milestone=milestone,
            seen_at=seen_at,
            person_id=viewer().person_id,
        )
    except state.MovedMeanwhile as moved:
        talk = get_discussion(head)
        at = talk.item(moved.milestone) if moved.milestone else None
        page = render_template(
            "assess/meeting_moved.html",
            head=head,
            at=at,
            wanted=talk.item(milestone),
            place=page_of(head.id, moved.milestone),
        )
        return page, moved.status
    return redirect(page_of(head.id, milestone))


def _known(head: AssessmentHead, milestone: str | None) -> str | None:
    """The milestone that a form named as its page, if there is such a one."""
    return next((one.key for one in head.instrument.milestones if one.key == milestone), None)
