"""What the program page says in words about a program trend, sentence first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assess.basis import count_note
from assess.figures.mean_by_quarter import TrendFigure
from assess.program import OVERALL, BlockTrend, ProgramTrend
from assess.quarters import Quarter
from questionnaires.instrument import Instrument
from research.workspace.page import TrendPage, score_range


@dataclass(frozen=True, slots=True)
class LeftOutClinic:
    """A clinic that the complete-case rule leaves out, as people name it."""

    label: str
    missing: str


@dataclass(frozen=True, slots=True)
class BlockChart:
    """One small line chart: what it shows, in words and in numbers, on its fixed axis."""

    id: str
    title: str
    text: str
    values: tuple[float | None, ...]
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class TrendWords:
    """Sentences, APA lines and the cells of the table; None where there is nothing to say."""

    span: str
    quarters: tuple[str, ...]

    sentence: str
    certainty: str | None
    repeated_measures: str
    sphericity: str | None
    one_way: str
    one_way_basis: str
    advice: str | None
    left_out: tuple[LeftOutClinic, ...]
    figure_text: str
    charts: tuple[BlockChart, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    basis: str


def describe(page: TrendPage) -> TrendWords | None:
    """Words for a page that has scores, else None."""
    if page.program is None or page.instrument is None:
        return None
    # Loads numpy and scipy, like the analysis before it.
    from assess.trends import apa
    from assess.trends.report import certainty

    program, analysis = page.program, page.program.analysis
    titles = {option.value: option.label for option in page.scores}
    values = sum(row.n for row in analysis.descriptives)
    return TrendWords(
        span=quarter_span(program.quarters),
        quarters=tuple(quarter.label for quarter in program.quarters),
        sentence=_sentence(program, page.score_title),
        certainty=certainty(analysis.rm_anova),
        repeated_measures=apa.repeated_measures(analysis.rm_anova),
        sphericity=apa.sphericity(analysis.rm_anova),
        one_way=apa.one_way(analysis.oneway_independent),
        one_way_basis=f"{_count(values, 'score')} of {_count(program.clinics, 'clinic')}",
        advice=_advice(program),
        left_out=_left_out(program, page.clinic_labels),
        figure_text=_figure_text(page.figure) if page.figure else "",
        charts=tuple(_chart(page.instrument, titles, row, program) for row in program.blocks[1:]),
        columns=("Quarter", "Clinics", *(titles[row.block] for row in program.blocks)),
        rows=tuple(_row(program, place) for place in range(len(program.quarters))),
        basis=count_note(program.bases),
    )


def _chart(
    instrument: Instrument, titles: dict[str, str], row: BlockTrend, program: ProgramTrend
) -> BlockChart:
    low, high = score_range(instrument, row.block)
    points = ", ".join(
        f"{quarter.label} {_score(mean)}"
        for quarter, mean in zip(program.quarters, row.means, strict=True)
    )
    return BlockChart(f"trend-{row.block}", titles[row.block], points, row.means, low, high)


def _row(program: ProgramTrend, place: int) -> tuple[str, ...]:
    """A quarter's means; a block that fewer or more clinics have says how many in brackets."""
    clinics = program.blocks[0].quarters[place].clinics
    cells = [
        _score(cell.mean) + (f" ({cell.clinics})" if cell.clinics != clinics else "")
        for cell in (row.quarters[place] for row in program.blocks)
    ]
    # A quarter stays on one line in the narrow first column.
    return program.quarters[place].label.replace(" ", "\u00a0"), str(clinics), *cells


def _score(mean: float | None) -> str:
    return "no score" if mean is None else f"{mean:.1f}"


def _left_out(program: ProgramTrend, labels: Mapping[int, str]) -> tuple[LeftOutClinic, ...]:
    named = (
        LeftOutClinic(labels[left.clinic_id], ", ".join(q.label for q in left.quarters))
        for left in program.left_out
    )
    return tuple(sorted(named, key=lambda clinic: (clinic.label, clinic.missing)))


def _sentence(program: ProgramTrend, title: str) -> str:
    from assess.trends.report import moved

    noun = "overall score" if program.block == OVERALL else f"score of “{title}”"
    quarters = program.quarters
    if len(quarters) == 1:
        clinics = _count(program.clinics, "clinic")
        mean = program.analysis.descriptives[0].mean
        return f"In {quarters[0].label} the mean {noun} was {mean:.1f} in {clinics}."
    if program.complete_means is None:
        return (
            f"No clinic has a score in every quarter from {quarters[0].label} to "
            f"{quarters[-1].label}, so no clinic can be followed all the way."
        )
    change = moved(program.complete_means[0], program.complete_means[-1])
    if program.complete_clinics == 1:
        whose = f"the {noun} of the one clinic with every quarter"
        return f"Over {len(quarters)} quarters {whose} {change}."
    clinics = _count(program.complete_clinics, "clinic")
    return f"Over {len(quarters)} quarters the mean {noun} {change} in {clinics}."


def _advice(program: ProgramTrend) -> str | None:
    if len(program.quarters) == 1:
        return "One quarter shows where clinics stand. Change can be tested from the second on."
    if program.clinics == 1:
        return "One clinic alone cannot be tested. Its scores are shown below."
    if program.complete_clinics < 2:
        return "Choose fewer quarters, so that more clinics have a score in each of them."
    if program.analysis.rm_anova.F is None:
        return None  # the statistics line says why there is no test
    return " ".join(warning.text for warning in program.analysis.warnings) or None


def _figure_text(figure: TrendFigure) -> str:
    """The figure's alternative text: everything it shows, in one breath."""
    pairs = list(zip(figure.quarters, figure.means, strict=True))
    if figure.halves is None:
        points = ", ".join(f"{quarter} {mean:.1f}" for quarter, mean in pairs)
    else:
        points = ", ".join(
            f"{quarter} {mean:.1f} ({mean - half:.1f} to {mean + half:.1f})"
            for (quarter, mean), half in zip(pairs, figure.halves, strict=True)
        )
    note = figure.note.replace("\n", " ")
    return f"Line chart: {figure.title}. {points}. {note}"


def quarter_span(quarters: tuple[Quarter, ...]) -> str:
    """ "Q1 2025 to Q2 2026", or the one quarter there is."""
    if len(quarters) == 1:
        return quarters[0].label
    return f"{quarters[0].label} to {quarters[-1].label}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
