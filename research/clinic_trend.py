"""One clinic over time: scores, run chart, what it did, its place in the program. PURE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from action_plans.marks import ActionMark
from assess.program import OVERALL
from assess.quarters import Quarter
from assess.runcharts.chart import RunChart, run_chart
from assess.runcharts.signals import Signal, advice, signals
from assess.scoring import Basis
from assess.trends.apa import decimal
from assess.trends.report import moved
from questionnaires.instrument import Instrument
from research.quartiles import Quartiles
from research.raters import SameRaters
from research.study import Measure, StudiedClinic, Study, VersionBreak
from research.words import count, noun


@dataclass(frozen=True, slots=True)
class ClinicTrend:
    """One clinic's score in every quarter from its first to its last, with None in between.

    `actions` are those of milestones the score is made of. `spreads` has the program's quartiles of
    each quarter, None where too few clinics have a score; `raters` tells who rated again.
    """

    clinic: StudiedClinic
    instrument: Instrument
    measure: Measure
    times: tuple[Quarter, ...]
    values: tuple[float | None, ...]
    bases: tuple[Basis | None, ...]
    chart: RunChart
    signals: tuple[Signal, ...]
    advice: str | None
    actions: tuple[ActionMark, ...]
    spreads: tuple[Quartiles | None, ...]
    breaks: tuple[VersionBreak, ...]
    sentence: str
    raters: SameRaters = field(default_factory=SameRaters)

    @property
    def has_spread(self) -> bool:
        """Whether the clinic has a score in a quarter in which the program can be shown."""
        return any(
            value is not None and spread is not None
            for value, spread in zip(self.values, self.spreads, strict=True)
        )


def trend_of(study: Study, actions: Sequence[ActionMark]) -> ClinicTrend:
    """The trend of a study of one clinic by calendar quarters; the program comes later."""
    scores = study.observations[study.measure.key]
    known = dict(zip(map(str, scores.times), scores.matrix[0].tolist(), strict=True))
    times = _every_quarter(study)
    values = tuple(known.get(str(quarter)) for quarter in times)
    chart = run_chart(values)
    assessments = {one.quarter: one for one in study.assessments}
    scored = [
        assessments.get(quarter) if value is not None else None
        for quarter, value in zip(times, values, strict=True)
    ]
    return ClinicTrend(
        clinic=study.clinics[0],
        instrument=study.instrument,
        measure=study.measure,
        times=times,
        values=values,
        bases=tuple(one.basis if one else None for one in scored),
        chart=chart,
        signals=signals(chart, tuple(map(str, times)), values),
        advice=advice(chart),
        actions=_about(study, times, actions),
        spreads=(None,) * len(times),
        breaks=study.breaks,
        sentence=_sentence(study, times, values),
    )


def beside(
    trend: ClinicTrend, spread: Mapping[Quarter, Quartiles], raters: SameRaters
) -> ClinicTrend:
    """The same with the program beside it, and the raters who rated again."""
    spreads = tuple(spread.get(quarter) for quarter in trend.times)
    return replace(trend, spreads=spreads, raters=raters)


def _every_quarter(study: Study) -> tuple[Quarter, ...]:
    quarters = [time for time in study.times if isinstance(time, Quarter)]
    return Quarter.range(quarters[0], quarters[-1])


def _about(
    study: Study, times: Sequence[Quarter], actions: Sequence[ActionMark]
) -> tuple[ActionMark, ...]:
    """The actions within these quarters that can move the score."""
    instrument, key = study.instrument, study.measure.key
    blocks = [block for block in instrument.blocks if key in (OVERALL, block.id)]
    milestones = {one.key for block in blocks for one in block.milestones}
    return tuple(
        one
        for one in actions
        if one.quarter in times and (key == OVERALL or one.milestone in milestones)
    )


def _sentence(study: Study, times: Sequence[Quarter], values: Sequence[float | None]) -> str:
    """How far the score is from where it began; never why."""
    known = [value for value in values if value is not None]
    what = noun(study)
    if len(known) == 1:
        return f"In {times[-1].label} the {what} was {decimal(known[0], 1)}."
    quarters = count(len(times), "quarter")
    return f"Over {quarters} the {what} {moved(known[0], known[-1])}."
