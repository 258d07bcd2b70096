"""Puts the program page together: what was asked for, what there is, and what to say about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.viewer import Viewer
from assess.basis import count_note
from assess.figures.mean_by_quarter import TrendFigure
from assess.program import (
    OVERALL,
    ClinicScore,
    ProgramTrend,
    analyse_program,
    default_quarters,
)
from assess.quarters import Quarter
from assess.queries.headline import list_clinic_scores
from assess.queries.instruments import get_instrument
from questionnaires.instrument import Block, Instrument
from research.queries.program import (
    QuestionnaireUse,
    list_program_clinics,
    list_questionnaires,
)
from research.workspace.options import (
    Option,
    organization_options,
    quarter_options,
    questionnaire_options,
    score_options,
)


@dataclass(frozen=True, slots=True)
class TrendFilters:
    """What the viewer asked for; None or empty means that the page chooses."""

    questionnaire: str | None = None
    score: str | None = None
    first: Quarter | None = None
    last: Quarter | None = None
    organizations: frozenset[int] = frozenset()
    demo: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == TrendFilters(questionnaire=self.questionnaire, demo=self.demo)


@dataclass(frozen=True, slots=True)
class TrendPage:
    """Everything the template needs. `program` is None as long as there are no scores at all."""

    filters: TrendFilters
    problems: tuple[str, ...]
    instrument: Instrument | None
    score_title: str
    program: ProgramTrend | None
    clinic_labels: Mapping[int, str]
    questionnaires: tuple[Option, ...]
    scores: tuple[Option, ...]
    first_quarters: tuple[Option, ...]
    last_quarters: tuple[Option, ...]
    organizations: tuple[Option, ...]
    demo_left_out: bool
    demo_included: bool
    figure: TrendFigure | None


def get_trend_page(viewer: Viewer, filters: TrendFilters) -> TrendPage:
    """Read and analyze what the viewer may see. Four statements, five the first time."""
    clinics = list_program_clinics(viewer)
    uses = list_questionnaires([clinic.id for clinic in clinics])
    has_real = any(not use.is_demo for use in uses)
    has_demo = any(use.is_demo for use in uses)
    with_demo = has_demo and (filters.demo or not has_real)
    shown = [use for use in uses if with_demo or not use.is_demo]
    problems = list(filters.problems)
    use = _choose(shown, filters.questionnaire, problems)
    clinics = tuple(clinic for clinic in clinics if with_demo or not clinic.is_demo)
    chosen = [
        clinic
        for clinic in clinics
        if not filters.organizations or clinic.organization_id in filters.organizations
    ]
    scores = list_clinic_scores([clinic.id for clinic in chosen], use.slug) if use else ()
    instrument = get_instrument(use.version_id) if use else None
    block = _choose_score(instrument, filters.score, problems)
    program = _analyse(scores, instrument, block, filters, problems)
    quarters = sorted({score.quarter for score in scores if score.block == block})
    title = _title(instrument, block)
    return TrendPage(
        filters=filters,
        problems=tuple(problems),
        instrument=instrument,
        score_title=title,
        program=program,
        clinic_labels={clinic.id: clinic.label for clinic in clinics},
        questionnaires=questionnaire_options(shown, use),
        scores=score_options(instrument, block),
        first_quarters=quarter_options(quarters, program.quarters[:1] if program else ()),
        last_quarters=quarter_options(quarters, program.quarters[-1:] if program else ()),
        organizations=organization_options(clinics, filters.organizations),
        demo_left_out=has_demo and not with_demo,
        demo_included=with_demo and has_real,
        figure=_figure(program, instrument, block, title) if program and instrument else None,
    )


def score_range(instrument: Instrument, block: str) -> tuple[float, float]:
    """Lowest and highest possible score of a block, or overall: the fixed axis of every chart."""
    ranges = [_block_range(instrument, b) for b in instrument.blocks if block in (b.id, OVERALL)]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _block_range(instrument: Instrument, block: Block) -> tuple[float, float]:
    times = len(block.milestones) if instrument.scoring.block == "sum" else 1
    return block.scale.minimum * times, block.scale.maximum * times


def _choose(
    uses: Sequence[QuestionnaireUse], asked: str | None, problems: list[str]
) -> QuestionnaireUse | None:
    if not uses:
        return None
    usual = max(uses, key=lambda use: use.assessments).slug
    slug = asked or usual
    if slug not in {use.slug for use in uses}:
        problems.append("There are no results of that questionnaire.")
        slug = usual
    return max((use for use in uses if use.slug == slug), key=lambda use: use.version_id)


def _choose_score(instrument: Instrument | None, asked: str | None, problems: list[str]) -> str:
    if asked is None or asked == OVERALL or instrument is None:
        return OVERALL
    if asked not in {block.id for block in instrument.blocks}:
        problems.append(f"{instrument.title} has no such score. This is the overall one.")
        return OVERALL
    return asked


def _analyse(
    scores: Sequence[ClinicScore],
    instrument: Instrument | None,
    block: str,
    filters: TrendFilters,
    problems: list[str],
) -> ProgramTrend | None:
    usual = default_quarters(scores, block)
    if not usual or instrument is None:
        return None
    quarters = {score.quarter for score in scores if score.block == block}
    first, last = _ends(filters, usual, quarters)
    if first > last and filters.first and filters.last:
        problems.append("The first quarter is after the last. Choose an earlier one.")
        first, last = usual[0], usual[-1]
    elif not any(first <= quarter <= last for quarter in quarters):
        problems.append("No clinic has a score in those quarters. Choose other ones.")
        first, last = usual[0], usual[-1]
    blocks = (OVERALL, *(one.id for one in instrument.blocks))
    return analyse_program(scores, blocks, first=first, last=last, block=block)


def _ends(
    filters: TrendFilters, usual: Sequence[Quarter], quarters: Iterable[Quarter]
) -> tuple[Quarter, Quarter]:
    """First and last quarter; an end that nobody chose gives way to the one somebody chose."""
    first, last = filters.first or usual[0], filters.last or usual[-1]
    if first > last and filters.last is None:
        last = max(quarters)
    elif first > last and filters.first is None:
        first = min(quarters)
    return first, last


def _title(instrument: Instrument | None, block: str) -> str:
    if instrument is None or block == OVERALL:
        return "Overall score"
    return instrument.block(block).title


def _figure(
    program: ProgramTrend, instrument: Instrument, block: str, title: str
) -> TrendFigure | None:
    low, high = score_range(instrument, block)
    descriptions = program.analysis.descriptives
    halves = [row.ci95_within_half_morey for row in descriptions]
    known = tuple(half for half in halves if half is not None)
    if program.complete_means is not None and len(known) == len(halves):
        means, bars = program.complete_means, known
        note = (
            f"Mean of the {program.complete_clinics} clinics with a score in every quarter.\n"
            "Error bars: 95% confidence intervals within clinics (Cousineau-Morey)."
        )
    else:
        means, bars = tuple(row.mean for row in descriptions), None
        note = "Mean of all clinics with a score in the quarter. Too few clinics for error bars."
    return TrendFigure(
        title=f"{title} by quarter",
        scale_label=f"Mean score ({low:g} to {high:g})",
        quarters=tuple(quarter.label for quarter in program.quarters),
        means=means,
        halves=bars,
        minimum=low,
        maximum=high,
        note="\n".join(filter(None, (note, count_note(program.bases)))),
    )
