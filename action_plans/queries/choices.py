"""Reads what a team can choose from: suggestions, other milestones, unfinished actions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from action_plans.gaps import gaps_of, level_words
from action_plans.plan import ActionView, GoalView
from action_plans.queries.plans import find_carried, find_previous_plan, get_plan
from action_plans.rules import Gap, Suggestion, suggest
from assess.basis import basis_words
from assess.quarters import Quarter
from assess.queries.heads import AssessmentHead
from assess.queries.milestones import get_milestone_results
from assess.scoring import Basis
from questionnaires.instrument import Block, Milestone

SUGGESTIONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OtherMilestone:
    """A milestone that is not among the suggestions, with where it stands in words."""

    milestone: Milestone
    standing: str
    is_met: bool
    not_applicable: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An action of an earlier plan that is not done, under its milestone and quarter."""

    action: ActionView
    milestone: str
    milestone_title: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page offers; `others` by block in the questionnaire's order."""

    suggestions: tuple[Suggestion, ...]
    others: tuple[tuple[Block, tuple[OtherMilestone, ...]], ...]
    unfinished: tuple[Unfinished, ...]
    previous_quarter: Quarter | None
    basis_words: str  # what the levels rest on; empty when there are none

    @property
    def milestones(self) -> frozenset[str]:
        """The keys of everything that can be chosen."""
        suggested = {one.gap.key for one in self.suggestions}
        return frozenset(suggested | {one.milestone.key for _, rest in self.others for one in rest})


def get_choices(
    head: AssessmentHead, taken: Collection[str] = (), plan_id: int | None = None
) -> Choices:
    """Everything that may become a goal, except the milestones that are `taken` (nine statements).

    With `plan_id`, actions that were carried over into that plan are not offered again.
    """
    gaps = {gap.key: gap for gap in get_gaps(head) if gap.key not in taken}
    suggestions = suggest(gaps.values(), SUGGESTIONS_SHOWN)
    suggested = {one.gap.key for one in suggestions}
    unfinished, quarter = _unfinished(head, plan_id)
    return Choices(
        suggestions=suggestions,
        others=tuple(
            (block, rest)
            for block in head.instrument.blocks
            if (rest := _others(block, gaps, suggested))
        ),
        unfinished=unfinished,
        previous_quarter=quarter,
        basis_words=_basis_words(gaps.values(), head),
    )


def get_gaps(head: AssessmentHead) -> tuple[Gap, ...]:
    """Where every milestone of the assessment stands (three statements)."""
    results = get_milestone_results(head.id, None, head.instrument)
    return gaps_of(head.instrument, (one for group in results.values() for one in group))


def _basis_words(gaps: Collection[Gap], head: AssessmentHead) -> str:
    if any(gap.agreed for gap in gaps):
        return basis_words(Basis.AGREED)
    if any(gap.value is not None for gap in gaps):
        return basis_words(Basis.RATINGS, head.finished)
    return ""


def _others(
    block: Block, gaps: dict[str, Gap], suggested: Collection[str]
) -> tuple[OtherMilestone, ...]:
    return tuple(
        OtherMilestone(
            milestone=milestone,
            standing=level_words(milestone, gap.value),
            is_met=gap.value is not None and gap.value >= gap.met,
            not_applicable=gap.not_applicable,
        )
        for milestone in block.milestones
        if milestone.key not in suggested and (gap := gaps.get(milestone.key))
    )


def _unfinished(
    head: AssessmentHead, plan_id: int | None
) -> tuple[tuple[Unfinished, ...], Quarter | None]:
    previous_id = find_previous_plan(head.clinic_id, head.quarter)
    if previous_id is None:
        return (), None
    previous = get_plan(previous_id)
    carried = find_carried(plan_id) if plan_id is not None else frozenset()
    known = {milestone.key for milestone in head.instrument.milestones}
    return (
        tuple(
            Unfinished(action, goal.milestone.key, goal.milestone.title)
            for goal in previous.goals
            for action in goal.actions
            if _is_offered(goal, action, carried, known)
        ),
        previous.quarter,
    )


def _is_offered(
    goal: GoalView, action: ActionView, carried: Collection[int], known: Collection[str]
) -> bool:
    return action.is_unfinished and action.id not in carried and goal.milestone.key in known
