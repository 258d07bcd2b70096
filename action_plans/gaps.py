"""Reads the gaps of an assessment off its milestone results, for the rules that suggest goals.

Values in, values out; what a level is called and when it is met comes from the questionnaire.
"""

from __future__ import annotations

from collections.abc import Iterable

from action_plans.rules import Gap, Step, next_step
from assess.answers import AnswerState
from assess.findings import MilestoneResult
from questionnaires.instrument import Block, Instrument, Milestone


def gaps_of(instrument: Instrument, results: Iterable[MilestoneResult]) -> tuple[Gap, ...]:
    """One gap per milestone result, in the order given."""
    blocks = {milestone.key: block for block in instrument.blocks for milestone in block.milestones}
    return tuple(gap_of(blocks[one.milestone.key], one) for one in results)


def gap_of(block: Block, result: MilestoneResult) -> Gap:
    """Where one milestone stands: on the team's agreement if there is one, else on the ratings."""
    milestone = result.milestone
    unknown, raters = _unknown(result)
    return Gap(
        key=milestone.key,
        number=milestone.number,
        title=milestone.title,
        block_id=block.id,
        block_title=block.title,
        value=result.value,
        agreed=result.agreed is not None and result.agreed.value is not None,
        spread=(result.highest or 0) - (result.lowest or 0),
        raters=raters,
        unknown=unknown,
        steps=steps_of(milestone),
        met=milestone.scale.met,
        tips=milestone.tips,
        not_applicable=_does_not_apply(result),
    )


def steps_of(milestone: Milestone) -> tuple[Step, ...]:
    """The levels of a milestone with this milestone's own descriptions, lowest first."""
    return tuple(
        Step(band.level, band.low, band.label, milestone.levels[band.level])
        for band in milestone.scale.bands
    )


def step_of(milestone: Milestone, level: int) -> Step:
    """One level of a milestone. Raises KeyError when it has no such level."""
    for step in steps_of(milestone):
        if step.level == level:
            return step
    raise KeyError(level)


def standing_of(milestone: Milestone, value: float) -> Step:
    """The highest level whose start the value has reached, the lowest below all of them."""
    reached = [step for step in steps_of(milestone) if step.low <= value]
    return reached[-1] if reached else steps_of(milestone)[0]


def targets_of(milestone: Milestone, value: float | None) -> tuple[Step, ...]:
    """The levels a goal may aim for: all above the value, or the top one when there is none."""
    steps = steps_of(milestone)
    above = tuple(step for step in steps if value is None or step.low > value)
    return above or steps[-1:]


def target_of(gap: Gap) -> int:
    """The level a new goal aims for unless the team chooses another."""
    return next_step(gap).level


def level_words(milestone: Milestone, value: float | None) -> str:
    """A value in words: "2 Begun", "1 Not started (average 1.4)", "Not known yet"."""
    if value is None:
        return "Not known yet"
    step = standing_of(milestone, value)
    words = f"{step.level} {step.label}"
    if value == step.low:
        return words
    kind = "" if float(value).is_integer() else "average "
    return f"{words} ({kind}{value:.1f})" if kind else f"{words} ({value:g})"


def _unknown(result: MilestoneResult) -> tuple[int, int]:
    raters = result.rated + result.dont_know + result.not_applicable
    if result.agreed is not None and result.agreed.state is AnswerState.DONT_KNOW:
        return max(result.dont_know, 1), max(raters, 1)
    return result.dont_know, raters


def _does_not_apply(result: MilestoneResult) -> bool:
    if result.agreed is not None:
        return result.agreed_not_applicable
    return result.not_applicable > 0 and not result.rated
