"""The sentence on top of the trends page, and its statistics lines, each named for what it is."""

from __future__ import annotations

from collections.abc import Iterator

from assess.trends import apa, report
from assess.trends.analysis import Analysis
from assess.trends.anova import Status
from assess.trends.mixed import words as mixed_words
from assess.trends.mixed.results import MixedModel
from assess.trends.warnings import DESCRIPTIVE
from research.selection import Clock, Method
from research.study import Study, time_label
from research.words import count, noun
from research.workspace.parts import Statement


def sentence(study: Study) -> str:
    """How the mean moved, or why nobody can be followed."""
    analysis, followed = study.analysis, noun(study)
    if study.selection.method is Method.MIXED and _has_model(analysis):
        said = mixed_words.sentence(_model(analysis), _times(study))
        return said.replace("the mean", f"the mean {followed}", 1)
    table = study.observations[study.measure.key].complete
    every = len(study.observations[study.measure.key].subjects)
    if len(study.times) == 1:
        mean = apa.decimal(analysis.descriptives[0].mean, 1)
        return f"{_where(study)} the mean {followed} was {mean} in {count(every, 'clinic')}."
    if not table.subjects:
        return (
            f"No clinic has a score in every quarter from {time_label(study.times[0])} to "
            f"{time_label(study.times[-1])}, so no clinic can be followed all the way."
        )
    means = table.values.mean(axis=0)
    change = report.moved(float(means[0]), float(means[-1]))
    quarters = count(len(study.times), "quarter")
    if len(table.subjects) == 1:
        return f"Over {quarters} the {followed} of the one clinic with every quarter {change}."
    clinics = count(len(table.subjects), "clinic")
    return f"Over {quarters} the mean {followed} {change} in {clinics}."


def _where(study: Study) -> str:
    """ "In Q4 2026", "At baseline", "At +5 quarters"."""
    label = time_label(study.times[0])
    if study.selection.clock is Clock.WAVE:
        return f"At {label.replace('Baseline', 'baseline')}"
    return f"In {label}"


def certainty(study: Study) -> str | None:
    """Whether chance alone would explain it; None where there is no test worth the name."""
    analysis = study.analysis
    if study.selection.method is Method.MIXED and _has_model(analysis):
        return None  # its sentence says so itself
    if analysis.rm_anova.n_subjects_used < DESCRIPTIVE:
        return None
    return report.certainty(analysis.rm_anova)


def advice(study: Study) -> str | None:
    """What to do where there is nothing to test."""
    followed = len(study.observations[study.measure.key].complete.subjects)
    if len(study.clinics) == 1:
        return "One clinic alone cannot be tested. Its run chart shows what its scores can say."
    if len(study.times) == 1:
        return "One quarter shows where clinics stand. Change can be tested from the second on."
    if followed < 2:
        return (
            "Choose fewer quarters, so that more clinics have a score in each of them, or the "
            "mixed model, which uses every score."
        )
    return None


def statistics(study: Study) -> tuple[Statement, ...]:
    """The lines under the sentence, the headline first."""
    analysis = study.analysis
    if len(study.times) == 1 or len(study.clinics) == 1:
        return (_repeated(analysis),)  # says once that there is nothing to test
    if study.selection.is_published:
        return (_as_published(analysis), _one_way(study))
    if study.selection.simple:
        return (_mixed(study) if _is_mixed(study) else _repeated(analysis),)
    lines = [_repeated(analysis), _one_way(study), _line(study)]
    # with clinics left out, the model of all assessments stands beside
    if _is_mixed(study):
        lines.insert(0, _mixed(study))
    elif analysis.rm_anova.n_subjects_dropped and len(study.times) > 1:
        lines.append(_mixed(study))
    return tuple(lines)


def differences(study: Study) -> tuple[str, ...]:
    """What the published way of testing says differently from our headline, one by one."""
    return tuple(_differences(study))


def _differences(study: Study) -> Iterator[str]:
    anova = study.analysis.rm_anova
    if anova.status is not Status.OK:
        yield f"Neither can be computed here: {apa.why(anova.status, anova.reason)}."
        return
    if anova.n_times > 2:
        yield (
            f"The published p ({apa.p_value(anova.p)}) takes for granted that all quarters vary "
            "together alike. Our headline corrects for that (Greenhouse-Geisser, epsilon "
            f"{apa.unit(anova.eps_gg)}): {apa.p_value(anova.p_gg, 'p_GG')}."
        )
    yield (
        "It gives no size of the change. Ours adds partial η² with its 90% interval, and the "
        "change per quarter."
    )
    both = f"Both follow the {count(anova.n_subjects_used, 'clinic')} with every quarter."
    if anova.n_subjects_dropped:
        left = "was" if anova.n_subjects_dropped == 1 else "were"
        yield f"{both} Ours says that {anova.n_subjects_dropped} {left} left out, and names them."
    else:
        yield f"{both} No clinic is left out."
    yield (
        "Some reports call it a one-way ANOVA and treat each quarter as different clinics. That "
        "test stands beside for comparison. Our headline never does this."
    )


def _as_published(analysis: Analysis) -> Statement:
    anova = analysis.rm_anova
    line = apa.repeated_measures(anova)
    if anova.status is Status.OK:
        line = (
            f"F({apa.degrees(anova.df1)}, {apa.degrees(anova.df2)}) = {apa.decimal(anova.F)}, "
            f"{apa.p_value(anova.p)}, {count(anova.n_subjects_used, 'clinic')}, "
            f"{count(anova.n_times, 'quarter')}"
        )
    return Statement("As published", "ANOVA of the same clinics, p not corrected.", line)


def _repeated(analysis: Analysis) -> Statement:
    notes = []
    if analysis.rm_anova.n_times == 2 and analysis.rm_anova.p is not None:
        notes.append("With two quarters this is the same as a paired t-test.")
    return Statement(
        "Following the same clinics",
        "Repeated-measures ANOVA: each clinic is compared with itself.",
        apa.repeated_measures(analysis.rm_anova),
        tuple(notes),
    )


def _one_way(study: Study) -> Statement:
    analysis = study.analysis
    scores = count(sum(row.n for row in analysis.descriptives), "score")
    clinics = count(len(study.observations[study.measure.key].subjects), "clinic")
    return Statement(
        "As if each quarter had different clinics",
        "One-way ANOVA: it ignores that the same clinics came back.",
        f"{apa.one_way(analysis.oneway_independent)} ({scores} of {clinics})",
        (
            "Shown because some reports use it. For clinics followed over time, the other test is "
            "the right one.",
        ),
    )


def _line(study: Study) -> Statement:
    trend = study.analysis.linear_trend
    return Statement(
        "A straight line",
        "Linear trend: the mean of each clinic’s own slope.",
        apa.linear_trend(trend, _times(study)),
    )


def _mixed(study: Study) -> Statement:
    analysis = study.analysis
    variance = mixed_words.variance_line(_model(analysis))
    return Statement(
        "Every assessment of every clinic",
        "Mixed model (REML): clinics with missing quarters count, too.",
        mixed_words.line(_model(analysis), _times(study)),
        () if variance is None else (f"{variance}.",),
    )


def _is_mixed(study: Study) -> bool:
    return study.selection.method is Method.MIXED


def _model(analysis: Analysis) -> MixedModel:
    return analysis.lmm.linear_time_random_intercept


def _has_model(analysis: Analysis) -> bool:
    return mixed_words.slope(_model(analysis)) is not None


def _times(study: Study) -> tuple[int | float | str, ...]:
    return study.observations[study.measure.key].times
