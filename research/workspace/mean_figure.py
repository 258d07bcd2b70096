"""The numbers of the figure of means, from a study."""

from __future__ import annotations

from assess.basis import count_note
from assess.figures.mean_by_quarter import TrendFigure
from research.study import Study, time_label


def mean_figure(study: Study) -> TrendFigure:
    """Means of the clinics with every quarter and their intervals, else of all clinics."""
    measure, descriptions = study.measure, study.analysis.descriptives
    table = study.observations[measure.key].complete
    halves = tuple(
        row.ci95_within_half_morey for row in descriptions if row.ci95_within_half_morey is not None
    )
    if table.subjects and len(halves) == len(descriptions):
        means = tuple(float(mean) for mean in table.values.mean(axis=0))
        note = (
            f"Mean of the {len(table.subjects)} clinics with a score in every quarter.\n"
            "Error bars: 95% confidence intervals within clinics (Cousineau-Morey)."
        )
    else:
        means, halves = tuple(row.mean for row in descriptions), ()
        note = "Mean of all clinics with a score in the quarter. Too few clinics for error bars."
    return TrendFigure(
        title=f"{measure.title} by quarter",
        scale_label=f"Mean score ({measure.minimum:g} to {measure.maximum:g})",
        quarters=tuple(time_label(time) for time in study.times),
        means=means,
        halves=halves or None,
        minimum=measure.minimum,
        maximum=measure.maximum,
        note="\n".join(filter(None, (note, count_note(study.bases)))),
    )


def figure_text(figure: TrendFigure) -> str:
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
