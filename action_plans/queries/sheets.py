"""Puts together what the paper version of a plan says; about ten statements for any plan."""

from __future__ import annotations

from datetime import UTC

from action_plans.plan import ActionView, GoalView, PlanView
from action_plans.sheet import PlanSheet, SheetAction, SheetBlock, SheetGoal
from assess.findings import BlockResult, Results
from assess.queries.heads import get_assessment_head
from assess.queries.results import get_results
from assess.scoring import Basis


def get_sheet(plan: PlanView, url: str) -> PlanSheet:
    """The sheet of a plan; `url` is the address of the live plan."""
    results = get_results(get_assessment_head(plan.assessment_id))
    scale = plan.instrument.blocks[0].scale
    return PlanSheet(
        clinic=plan.clinic_name,
        organization=plan.organization_name,
        quarter=plan.quarter.label,
        ends_on=plan.quarter.last_day,
        previous_quarter=results.last.quarter.label if results.last else None,
        state=plan.state,
        met_on=plan.meeting_on,
        participants=plan.participants,
        next_meeting=plan.next_meeting_on,
        lowest=scale.minimum,
        highest=scale.maximum,
        basis=_basis(results),
        blocks=tuple(_block(block) for block in results.blocks),
        goals=tuple(_goal(goal) for goal in plan.goals),
        reflection=plan.reflection,
        questionnaire=f"{plan.instrument.title} {plan.instrument.version}",
        saved_at=plan.updated_at.astimezone(UTC),
        url=url,
        is_demo=plan.is_demo,
        language=plan.instrument.language,
    )


def _basis(results: Results) -> str:
    match results.basis:
        case Basis.AGREED:
            return "agreed levels"
        case Basis.IMPORTED:
            return "earlier records"
        case Basis.RATINGS:
            return "1 rating" if results.raters == 1 else f"the mean of {results.raters} ratings"
    return ""


def _block(result: BlockResult) -> SheetBlock:
    return SheetBlock(
        title=result.title,
        score=result.score,
        change=result.change,
        standing=result.status,
        met=result.met,
        milestones=result.milestones,
        note="" if result.score is not None else result.why_no_score,
    )


def _goal(goal: GoalView) -> SheetGoal:
    return SheetGoal(
        block=goal.block.title,
        milestone=goal.milestone.title,
        now=goal.now,
        now_text=goal.now_text,
        target=f"{goal.target.level} {goal.target.label}",
        target_text=goal.target.description,
        how_we_know=goal.measure,
        actions=tuple(_action(goal, action) for action in goal.actions),
    )


def _action(goal: GoalView, action: ActionView) -> SheetAction:
    return SheetAction(
        task=action.task,
        owner=action.owner,
        due=action.due_on,
        status=action.status,
        tip=action.tip,
        obstacle=_obstacle(goal, action),
        carried=action.carried_from,
    )


def _obstacle(goal: GoalView, action: ActionView) -> str:
    challenge = goal.challenge(action.obstacle)
    parts = [challenge.title if challenge else "", action.obstacle_note]
    return ". ".join(part.rstrip(".") for part in parts if part) + ("." if any(parts) else "")
