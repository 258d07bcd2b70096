"""Pages of goals: choose milestones, set the aim of one, take one out."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for

from accounts.guard import permit, requires, viewer
from action_plans import goals, service
from action_plans.blueprint import blueprint
from action_plans.errors import ChangedMeanwhile, PlanExists, PlanRefused
from action_plans.forms import ChoiceForm, GoalForm
from action_plans.plan import MOST_GOALS, GoalView, PlanView
from action_plans.queries.choices import Choices, get_choices
from action_plans.queries.plans import find_plan_of_assessment
from action_plans.views.access import Page, goal_of, open_plan
from assess.queries.heads import AssessmentHead, get_assessment_head
from core.days import day


@blueprint.get("/assessments/<int:assessment_id>/plan")
@requires("plan.edit")
def choose(assessment_id: int) -> Page:
    head = _head(assessment_id)
    plan_id = find_plan_of_assessment(assessment_id)
    if plan_id is not None:
        return redirect(url_for(".plan", plan_id=plan_id))
    choices = get_choices(head)
    return _render_choices(head, choices, _choice_form(choices))


@blueprint.post("/assessments/<int:assessment_id>/plan")
@requires("plan.edit")
def start(assessment_id: int) -> Page:
    head = _head(assessment_id)
    choices = get_choices(head)
    form = _choice_form(choices)
    if not form.validate():
        return _render_choices(head, choices, form), 422
    try:
        plan_id = service.start_plan(
            assessment_id=assessment_id,
            milestones=form.milestones.data or [],
            carried=form.carried.data or [],
            person_id=viewer().person_id,
        )
    except PlanExists as exists:
        return redirect(url_for(".more_goals", plan_id=exists.plan_id), 303)
    except PlanRefused as refused:
        return _render_choices(head, choices, form, str(refused)), refused.status
    return redirect(url_for(".plan", plan_id=plan_id), 303)


@blueprint.get("/plans/<int:plan_id>/goals")
@requires("plan.edit")
def more_goals(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    head, choices = _more(plan)
    return _render_choices(head, choices, _choice_form(choices), plan=plan)


@blueprint.post("/plans/<int:plan_id>/goals")
@requires("plan.edit")
def add_goals(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    head, choices = _more(plan)
    form = _choice_form(choices)
    if not form.validate():
        return _render_choices(head, choices, form, plan=plan), 422
    try:
        goals.add_goals(
            plan_id=plan_id,
            milestones=form.milestones.data or [],
            carried=form.carried.data or [],
        )
    except PlanRefused as refused:
        return _render_choices(head, choices, form, str(refused), plan), refused.status
    return redirect(url_for(".plan", plan_id=plan_id), 303)


@blueprint.get("/plans/<int:plan_id>/goals/<int:goal_id>")
@requires("plan.edit")
def goal(plan_id: int, goal_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal = goal_of(plan, goal_id)
    return _render_goal(plan, goal, GoalForm.of(goal))


@blueprint.post("/plans/<int:plan_id>/goals/<int:goal_id>")
@requires("plan.edit")
def save_goal(plan_id: int, goal_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal = goal_of(plan, goal_id)
    form = GoalForm.of(goal)
    if not form.validate():
        return _render_goal(plan, goal, form), 422
    try:
        goals.change_goal(
            plan_id=plan_id,
            goal_id=goal_id,
            target_level=form.target_level.data,
            measure=form.measure.data or "",
            seen=form.seen.data or "",
        )
    except ChangedMeanwhile as changed:
        form.seen.data = goal.seen
        return _render_goal(plan, goal, form, str(changed)), changed.status
    return redirect(_on_plan(plan_id, f"goal-{goal_id}"), 303)


@blueprint.get("/plans/<int:plan_id>/goals/<int:goal_id>/remove")
@requires("plan.edit")
def removing_goal(plan_id: int, goal_id: int) -> Page:
    plan = open_plan(plan_id, "plan.edit")
    goal = goal_of(plan, goal_id)
    return render_template("action_plans/remove.html", plan=plan, goal=goal, action=None)


@blueprint.post("/plans/<int:plan_id>/goals/<int:goal_id>/remove")
@requires("plan.edit")
def remove_goal(plan_id: int, goal_id: int) -> Page:
    open_plan(plan_id, "plan.edit")
    goals.remove_goal(plan_id=plan_id, goal_id=goal_id)
    return redirect(url_for(".plan", plan_id=plan_id), 303)


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("plan.edit", head.scope)
    if not head.is_revealed:  # suggestions would tell what nobody may see before the reveal
        abort(redirect(url_for("assess.results", assessment_id=assessment_id)))
    return head


def _more(plan: PlanView) -> tuple[AssessmentHead, Choices]:
    head = get_assessment_head(plan.assessment_id)
    taken = {goal.milestone.key for goal in plan.goals}
    return head, get_choices(head, taken, plan.id)


def _choice_form(choices: Choices) -> ChoiceForm:
    return ChoiceForm.of(sorted(choices.milestones), [one.action.id for one in choices.unfinished])


def _render_choices(
    head: AssessmentHead,
    choices: Choices,
    form: ChoiceForm,
    refused: str = "",
    plan: PlanView | None = None,
) -> str:
    return render_template(
        "action_plans/choose.html",
        head=head,
        choices=choices,
        form=form,
        refused=refused,
        plan=plan,
        room=plan.room_for_goals if plan else MOST_GOALS,
        has_errors=bool(refused or form.errors),
    )


def _render_goal(plan: PlanView, goal: GoalView, form: GoalForm, changed: str = "") -> str:
    return render_template(
        "action_plans/goal.html",
        plan=plan,
        goal=goal,
        form=form,
        changed=changed,
        day=day,
        theirs=[
            ("Level to reach", f"{goal.target.level} {goal.target.label}"),
            ("How we will know", goal.measure or "Not written yet"),
        ],
        has_errors=bool(form.errors or changed),
    )


def _on_plan(plan_id: int, part: str) -> str:
    return url_for(".plan", plan_id=plan_id, saved=part, _anchor=part)
