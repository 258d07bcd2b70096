"""Pages of a plan as a whole: the plan itself, its meeting, its start and its end."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for

from accounts.guard import requires
from action_plans import service
from action_plans.blueprint import blueprint
from action_plans.errors import ChangedMeanwhile, PlanRefused
from action_plans.forms import STATUS_LABELS, MeetingForm, ReflectionForm
from action_plans.plan import PlanView
from action_plans.queries.plans import get_plan
from action_plans.views.access import Page, open_plan
from core import clock
from core.days import day

Problems = Sequence[tuple[str, str]]


@blueprint.get("/plans/<int:plan_id>")
@requires("plan.view")
def plan(plan_id: int) -> Page:
    return render_plan(open_plan(plan_id, "plan.view"))


def render_plan(plan: PlanView, problems: Problems = ()) -> str:
    """The plan page; `problems` are (address on the page, words) for its summary."""
    return render_template(
        "action_plans/plan.html",
        plan=plan,
        problems=problems,
        has_errors=bool(problems),
        status_labels=STATUS_LABELS,
        saved=request.args.get("saved", ""),
        today=clock.today(),
        day=day,
    )


@blueprint.get("/plans/<int:plan_id>/meeting")
@requires("plan.edit")
def meeting(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    return _render_meeting(plan, _meeting_form(plan))


@blueprint.post("/plans/<int:plan_id>/meeting")
@requires("plan.edit")
def save_meeting(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    form = _meeting_form(plan)
    if not form.validate():
        return _render_meeting(plan, form), 422
    try:
        service.save_meeting(
            plan_id=plan_id,
            meeting_on=form.meeting_on.data,
            participants=form.participants.data or "",
            next_meeting_on=form.next_meeting_on.data,
            seen=form.seen.data or "",
        )
    except ChangedMeanwhile as changed:
        stored = get_plan(plan_id)
        form.seen.data = stored.seen
        return _render_meeting(stored, form, str(changed)), changed.status
    return redirect(url_for(".plan", plan_id=plan_id, saved="meeting", _anchor="meeting"), 303)


def _meeting_form(plan: PlanView) -> MeetingForm:
    return MeetingForm(
        data={
            "meeting_on": plan.meeting_on,
            "participants": plan.participants,
            "next_meeting_on": plan.next_meeting_on,
            "seen": plan.seen,
        }
    )


def _render_meeting(plan: PlanView, form: MeetingForm, changed: str = "") -> str:
    return render_template(
        "action_plans/meeting.html",
        plan=plan,
        form=form,
        changed=changed,
        theirs=[
            ("Day you met", day(plan.meeting_on) if plan.meeting_on else "Not set"),
            ("Who met", plan.participants or "Not set"),
            ("Next meeting", day(plan.next_meeting_on) if plan.next_meeting_on else "Not set"),
        ],
        has_errors=bool(form.errors or changed),
    )


@blueprint.post("/plans/<int:plan_id>/start")
@requires("plan.edit")
def activate(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    try:
        service.activate_plan(plan_id=plan_id)
    except PlanRefused as refused:
        return render_plan(plan, [(f"#{refused.field}", str(refused))]), refused.status
    return redirect(url_for(".plan", plan_id=plan_id, saved="state"), 303)


@blueprint.get("/plans/<int:plan_id>/close")
@requires("plan.edit")
def closing(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    return render_template("action_plans/close.html", plan=plan, form=ReflectionForm())


@blueprint.post("/plans/<int:plan_id>/close")
@requires("plan.edit")
def close(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    form = ReflectionForm()
    if not form.validate():
        page = render_template("action_plans/close.html", plan=plan, form=form, has_errors=True)
        return page, 422
    service.close_plan(plan_id=plan_id, reflection=form.reflection.data or "")
    return redirect(url_for(".plan", plan_id=plan_id, saved="state"), 303)
