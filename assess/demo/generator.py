"""Draws a believable program of clinics from a seed, without a database or a clock.

Calibration, on levels 1 to 4 (published self-assessments of clinics, rescaled from 1-12): overall
about 2.3 at the start, growth 0.07 to 0.12 a quarter with slopes that differ by clinic, raters
about half a level apart and too kind in their first quarter, 5 to 10 % of items without a level,
weakest in tracking, strongest in leadership, six or seven of ten goals met (facilitation trial in
eight clinics: 61-68 %, about two goals a quarter).

A goal that is met moves its milestone, and one that is not met leaves it where it was, so that
ratings, scores and plans tell one story. Every clinic has a random stream of its own: changing one
does not change the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from assess.answers import DONT_KNOW, NOT_APPLICABLE, Answers, AnswerValue
from questionnaires.instrument import Instrument, Milestone

SEED = 2093
WAVES = 6
BLOCK_STARTS = {
    "leadership-consensus": 2.75,
    "policies-agreements-workflows": 2.35,
    "tracking-monitoring": 1.75,
    "planned-visits": 2.25,
    "complex-needs": 2.2,
    "measuring-success": 2.05,
}
SKIPPED = {(6, 2), (16, 3)}  # (clinic, wave): two clinics missed one quarter each
LARGE_TEAM, TRACKING_GAP = 2, 1.2
"""In this clinic the second half of the raters sees tracking so many levels lower."""
GOAL_MET = 0.645
FIRST_WAVE_BIAS = 0.25

Levels = npt.NDArray[np.float64]


class Stage(IntEnum):
    """How far an assessment has come on the wheel; later stages include the earlier ones."""

    OPEN = 0
    REVEALED = 1
    AGREED = 2
    DRAFTED = 3
    PLANNED = 4
    DONE = 5


# Where the clinics stand in the newest quarter; the rest have their plan
NEWEST_STAGES = (
    Stage.OPEN, Stage.PLANNED, Stage.REVEALED, Stage.AGREED, Stage.DRAFTED, Stage.PLANNED,
    Stage.PLANNED, Stage.DRAFTED, Stage.PLANNED, Stage.AGREED, Stage.PLANNED, Stage.OPEN,
    Stage.REVEALED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrawnRating:
    """One rater's sheet: `rater` counts from 0 in the clinic, a missing answer is silence."""

    rater: int
    answers: Answers
    noted: frozenset[str]
    finished: bool


@dataclass(frozen=True, slots=True)
class DrawnGoal:
    """A milestone to move; `continued` marks a second try, `met` is None while open."""

    milestone: str
    from_level: int
    target: int
    continued: bool
    met: bool | None


@dataclass(frozen=True, slots=True)
class DrawnAssessment:
    """One clinic in one quarter; `agreed` is empty before the team has agreed."""

    clinic: int
    wave: int
    stage: Stage
    ratings: tuple[DrawnRating, ...]
    agreed: Answers
    goals: tuple[DrawnGoal, ...]


def draw_program(
    instrument: Instrument, raters: Sequence[int], *, seed: int = SEED
) -> tuple[DrawnAssessment, ...]:
    """All assessments of clinics with so many raters each, clinic by clinic, oldest first."""
    return tuple(
        drawn
        for clinic, count in enumerate(raters)
        for drawn in _Clinic(instrument, clinic, count, seed).draw()
    )


class _Clinic:
    """The life of one clinic over all waves."""

    def __init__(self, instrument: Instrument, clinic: int, raters: int, seed: int) -> None:
        self.random = np.random.default_rng([seed, clinic])
        self.clinic, self.raters = clinic, raters
        self.milestones = instrument.milestones
        self.at = {milestone.key: at for at, milestone in enumerate(self.milestones)}
        starts = [BLOCK_STARTS[instrument.block_of(m.key).id] for m in self.milestones]
        noise = self.random.normal(0, 0.75, len(starts))
        self.is_tracking = np.array(starts) == BLOCK_STARTS["tracking-monitoring"]
        self.latent: Levels = np.array(starts) + self.random.normal(0, 0.3) + noise
        self.slope = self.random.normal(0.03, 0.05)
        self.bias = self.random.normal(0, 0.25, raters)
        self.inapplicable = {
            m.key for m in self.milestones if m.na_allowed and self.random.random() < 0.15
        }

    def draw(self) -> list[DrawnAssessment]:
        drawn: list[DrawnAssessment] = []
        pending: tuple[DrawnGoal, ...] = ()
        for wave in range(WAVES):
            levels = self._levels()
            self.latent += self.slope + self.random.normal(0, 0.08, len(self.latent))
            if (self.clinic, wave) in SKIPPED:
                continue
            stage = _stage(self.clinic, wave)
            levels = self._pursue(pending, levels)
            goals = self._choose(pending, levels, wave) if stage >= Stage.DRAFTED else ()
            drawn.append(
                DrawnAssessment(
                    clinic=self.clinic,
                    wave=wave,
                    stage=stage,
                    ratings=self._rate(levels, wave, stage),
                    agreed=self._agree(levels) if stage >= Stage.AGREED else {},
                    goals=goals,
                )
            )
            pending = goals
        return drawn

    def _levels(self) -> Levels:
        """What the clinic would agree on this quarter: a shared shock, then whole levels."""
        shock = self.random.normal(0, 0.26)
        wobble = self.random.normal(0, 0.15, len(self.latent))
        return np.clip(np.rint(self.latent + shock + wobble), 1, 4)

    def _pursue(self, goals: Sequence[DrawnGoal], levels: Levels) -> Levels:
        for goal in goals:
            at = self.at[goal.milestone]
            if goal.met:
                levels[at] = max(levels[at], goal.target)
                self.latent[at] = max(self.latent[at], goal.target + 0.15)
            else:
                levels[at] = min(levels[at], goal.target - 1)
                self.latent[at] = min(self.latent[at], goal.target - 0.65)
        return levels

    def _choose(
        self, before: Sequence[DrawnGoal], levels: Levels, wave: int
    ) -> tuple[DrawnGoal, ...]:
        """Up to three goals: unmet ones once more, then low levels rather than high ones."""
        count = int(self.random.choice([1, 2, 3], p=[0.15, 0.65, 0.2]))
        chosen = [
            goal.milestone for goal in before if not goal.met and self.random.random() < 0.75
        ][:count]
        weights = np.where(levels < 4, np.exp(-1.3 * levels), 0)
        for key in (*chosen, *self.inapplicable):
            weights[self.at[key]] = 0
        picks = self.random.choice(
            len(weights), count - len(chosen), replace=False, p=weights / weights.sum()
        )
        again = len(chosen)
        chosen += [self.milestones[int(pick)].key for pick in picks]
        return tuple(
            DrawnGoal(
                milestone=key,
                from_level=int(levels[self.at[key]]),
                target=int(levels[self.at[key]]) + 1,
                continued=number < again,
                met=None if wave == WAVES - 1 else bool(self.random.random() < GOAL_MET),
            )
            for number, key in enumerate(chosen)
        )

    def _rate(self, levels: Levels, wave: int, stage: Stage) -> tuple[DrawnRating, ...]:
        fewest = min(4, self.raters)
        takes_part = [
            number < fewest or self.random.random() < 0.85 for number in range(self.raters)
        ]
        if stage is Stage.OPEN:  # the first two have not begun: the demo lead and member rate first
            takes_part = [1 < number < self.raters - 1 for number in range(self.raters)]
        return tuple(
            self._sheet(number, levels, wave, stage)
            for number, here in enumerate(takes_part)
            if here
        )

    def _sheet(self, rater: int, levels: Levels, wave: int, stage: Stage) -> DrawnRating:
        bias = self.bias[rater] + (FIRST_WAVE_BIAS if wave == 0 else 0.0)
        view = levels + bias + self.random.normal(0, 0.5, len(levels))
        if self.clinic == LARGE_TEAM and rater > self.raters // 2:
            view = view - TRACKING_GAP * self.is_tracking
        seen = np.clip(np.rint(view), 1, 4)
        fate = self.random.random(len(levels))
        finished = bool(self.random.random() < (0.8 if stage is Stage.OPEN else 0.97))
        until = len(levels) if finished else int(self.random.integers(4, 16))
        answers = {}
        for at, milestone in enumerate(self.milestones[:until]):
            if (answer := self._answer(milestone, int(seen[at]), fate[at])) is not None:
                answers[milestone.key] = answer
        noted = frozenset(key for key in answers if self.random.random() < 0.05)
        return DrawnRating(rater, answers, noted, finished)

    def _answer(self, milestone: Milestone, level: int, fate: float) -> AnswerValue | None:
        if fate < 0.035:
            return None
        if fate < 0.065:
            return DONT_KNOW
        if milestone.key in self.inapplicable and fate < 0.8:
            return NOT_APPLICABLE
        return AnswerValue.level(level)

    def _agree(self, levels: Levels) -> Answers:
        return {
            milestone.key: NOT_APPLICABLE
            if milestone.key in self.inapplicable
            else AnswerValue.level(int(level))
            for milestone, level in zip(self.milestones, levels, strict=True)
        }


def _stage(clinic: int, wave: int) -> Stage:
    if wave < WAVES - 1:
        return Stage.DONE
    return NEWEST_STAGES[clinic] if clinic < len(NEWEST_STAGES) else Stage.PLANNED


def goals_met(program: Sequence[DrawnAssessment]) -> Mapping[bool, int]:
    """How many goals with a known outcome were met (True) and not met (False)."""
    outcomes = [goal.met for drawn in program if drawn.stage is Stage.DONE for goal in drawn.goals]
    return {outcome: outcomes.count(outcome) for outcome in (True, False)}
