"""Each score with the slope of its mixed model, which uses every assessment."""

from __future__ import annotations

from assess.trends import apa
from assess.trends.mixed.models import fit_linear
from assess.trends.mixed.words import slope
from assess.trends.pairs import holm
from research.study import Study, time_label
from research.workspace.cells import limits_cell, p_cell, whole
from research.workspace.parts import Table

HOLM_NOTE = (
    "{first} is declared primary and tested by itself. The other p-values are corrected together "
    "(Holm), so that one of them is rarely small by chance."
)


def model_scores(study: Study) -> Table:
    """Slopes of the mixed model, which uses every assessment."""
    models = [fit_linear(study.observations[one.key]) for one in study.measures]
    slopes = [slope(model) for model in models]
    p_values = [None if one is None else one.p for one in slopes]
    corrected = (None, *holm(p_values[1:]))
    rows = tuple(
        (
            one.title,
            str(model.n_subjects or 0),
            str(model.nobs or 0),
            "not possible" if line is None else apa.decimal(line.estimate),
            None if line is None else limits_cell(line.low, line.high),
            None if line is None else whole(f"{apa.decimal(line.t)} ({apa.decimal(line.df)})"),
            None if line is None else p_cell(line.p),
            "primary" if place == 0 else None if line is None else p_cell(corrected[place]),
        )
        for place, (one, model, line) in enumerate(zip(study.measures, models, slopes, strict=True))
    )
    return Table(
        f"Each score, {time_label(study.times[0])} to {time_label(study.times[-1])}, "
        "every assessment",
        ("Score", "Clinics", "Scores", "Per quarter", "95% CI", "t (df)", "p", "p (Holm)"),
        rows,
        (HOLM_NOTE.format(first=study.measures[0].title),),
    )
