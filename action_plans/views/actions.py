"""Pages of actions: add one, change it, say where it stands, take it out."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from accounts.guard import requires, viewer
from action_plans import tasks
from action_plans.blueprint import blueprint
from action_plans.errors import ChangedMeanwhile, PlanRefused
from action_plans.forms import STATUS_LABELS, ActionForm, MoveForm
from action_plans.models import ActionStatus
from action_plans.plan import ActionView, GoalView, PlanView, default_due
from action_plans.views.access import Page, action_of, goal_of, open_plan
from action_plans.views.plans import render_plan
from core import clock
from core.days import day


@blueprint.get("/plans/<int:plan_id>/goals/<int:goal_id>/actions/new")
@requires("plan.edit")
def new_action(plan_id: int, goal_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal = goal_of(plan, goal_id)
    return _render(plan, goal, _new_form(plan, goal))


@blueprint.post("/plans/<int:plan_id>/goals/<int:goal_id>/actions/new")
@requires("plan.edit")
def add_action(plan_id: int, goal_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal = goal_of(plan, goal_id)
    form = _new_form(plan, goal)
    if not form.validate():
        return _render(plan, goal, form), 422
    try:
        action_id = tasks.add_action(
            plan_id=plan_id,
            goal_id=goal_id,
            content=form.content(),
            person_id=viewer().person_id,
        )
    except PlanRefused as refused:
        return _render(plan, goal, form, refused=str(refused)), refused.status
    if request.form.get("then") == "another":
        return redirect(url_for(".new_action", plan_id=plan_id, goal_id=goal_id), 303)
    return redirect(_on_plan(plan_id, action_id), 303)


@blueprint.get("/plans/<int:plan_id>/actions/<int:action_id>")
@requires("plan.edit")
def action(plan_id: int, action_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal, action = action_of(plan, action_id)
    return _render(plan, goal, _form(goal, action), action)


@blueprint.post("/plans/<int:plan_id>/actions/<int:action_id>")
@requires("plan.edit")
def save_action(plan_id: int, action_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal, action = action_of(plan, action_id)
    form = _form(goal, action)
    if not form.validate():
        return _render(plan, goal, form, action), 422
    try:
        tasks.change_action(
            plan_id=plan_id,
            action_id=action_id,
            content=form.content(),
            revision=form.revision.data or 0,
            person_id=viewer().person_id,
        )
    except ChangedMeanwhile as changed:
        form.revision.data = action.revision
        # the hidden field must carry the new revision, not the one that was sent
        form.revision.raw_data = None
        return _render(plan, goal, form, action, changed=str(changed)), changed.status
    return redirect(_on_plan(plan_id, action_id), 303)


@blueprint.post("/plans/<int:plan_id>/actions/<int:action_id>/status")
@requires("action.update")
def move_action(plan_id: int, action_id: int) -> Page:
    plan = open_plan(plan_id, "action.update")
    _, action = action_of(plan, action_id)
    form = MoveForm()
    place = f"#action-{action_id}"
    if not form.validate():
        texts = [text for errors in form.errors.values() for text in errors]
        return render_plan(plan, [(place, " ".join(map(str, texts)))]), 422
    try:
        tasks.move_action(
            plan_id=plan_id,
            action_id=action_id,
            status=ActionStatus(form.status.data),
            seen=ActionStatus(form.seen.data),
            note=form.note.data or "",
            person_id=viewer().person_id,
        )
    except ChangedMeanwhile as changed:
        words = (
            f"{changed} It is now “{STATUS_LABELS[action.status]}”. Choose again if it is wrong."
        )
        return render_plan(plan, [(place, words)]), changed.status
    return redirect(_on_plan(plan_id, action_id), 303)


@blueprint.get("/plans/<int:plan_id>/actions/<int:action_id>/remove")
@requires("plan.edit")
def removing_action(plan_id: int, action_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal, action = action_of(plan, action_id)
    return render_template("action_plans/remove.html", plan=plan, goal=goal, action=action)


@blueprint.post("/plans/<int:plan_id>/actions/<int:action_id>/remove")
@requires("plan.edit")
def remove_action(plan_id: int, action_id: int) -> Page:
    open_plan(plan_id, "plan.edit")
    tasks.remove_action(plan_id=plan_id, action_id=action_id)
    return redirect(url_for(".plan", plan_id=plan_id), 303)


def _new_form(plan: PlanView, goal: GoalView) -> ActionForm:
    """Empty but for a due day within the quarter; ?tip=2 starts it from the second tip."""
    tips = goal.milestone.tips
    number = request.args.get("tip", "")
    known = number in {str(place) for place, _ in enumerate(tips, start=1)}
    return ActionForm(
        goal,
        tips,
        data={
            "task": tips[int(number) - 1] if known else "",
            "tip": number if known else "",
            "due_on": default_due(plan.quarter, clock.today()),
            "status": ActionStatus.NOT_STARTED.value,
        },
    )


def _form(goal: GoalView, action: ActionView) -> ActionForm:
    tips = goal.milestone.tips
    if action.tip and action.tip not in tips:
        tips = (*tips, action.tip)  # a tip that came with an action carried over
    return ActionForm(
        goal,
        tips,
        data={
            "task": action.task,
            "owner": action.owner,
            "due_on": action.due_on,
            "status": action.status.value,
            "tip": str(tips.index(action.tip) + 1) if action.tip else "",
            "obstacle": action.obstacle if goal.challenge(action.obstacle) else "",
            "obstacle_note": action.obstacle_note,
            "revision": action.revision,
        },
    )


def _render(
    plan: PlanView,
    goal: GoalView,
    form: ActionForm,
    action: ActionView | None = None,
    *,
    changed: str = "",
    refused: str = "",
) -> str:
    return render_template(
        "action_plans/action.html",
        plan=plan,
        goal=goal,
        action=action,
        form=form,
        changed=changed,
        theirs=_theirs(goal, action) if action and changed else (),
        refused=refused,
        has_errors=bool(form.errors or changed or refused),
    )


def _theirs(goal: GoalView, action: ActionView) -> list[tuple[str, str]]:
    challenge = goal.challenge(action.obstacle)
    return [
        ("Task", action.task),
        ("Owner", action.owner or "Not named yet"),
        ("Due date", day(action.due_on) if action.due_on else "No date yet"),
        ("Status", STATUS_LABELS[action.status]),
        ("Tip", action.tip or "No tip"),
        ("What may stand in the way", challenge.title if challenge else "Nothing we know of"),
        ("How you will get around it", action.obstacle_note or "Not written yet"),
    ]


def _on_plan(plan_id: int, action_id: int) -> str:
    part = f"action-{action_id}"
    return url_for(".plan", plan_id=plan_id, saved=part, _anchor=part)
