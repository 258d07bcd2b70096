"""Groups of clinics beside each other: did they change differently, and their means by quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assess.suppression import shown_groups
from assess.trends import apa
from assess.trends.anova import Status
from assess.trends.groups import MixedAnova
from assess.trends.observations import natural_order
from research.bundle.anonymity import SMALLEST_CELL
from research.selection import Method
from research.study import Study, time_label
from research.words import ATTRIBUTE_WORDS, count
from research.workspace.parts import Statement, Table

TITLES = {
    "group:time": ("Did the groups change differently?", "Group × quarter"),
    "time": ("Did the groups together change?", "Quarter"),
    "group": ("Do the groups stand at different levels?", "Group"),
}


@dataclass(frozen=True, slots=True)
class GroupReport:
    """The comparison of groups: statistics, means by quarter and group, and what is not shown."""

    title: str
    statistics: tuple[Statement, ...]
    means: Table | None
    notes: tuple[str, ...]


def compare(study: Study) -> GroupReport | None:
    """The comparison that the selection asks for, or None when it asks for none."""
    attribute = study.selection.group
    if attribute is None:
        return None
    found = study.analysis.mixed_anova
    known = study.observations[study.measure.key].groups
    title = f"Compared by {ATTRIBUTE_WORDS[attribute]}"
    if found is None or not known:
        nothing = (
            f"No clinic here has a {ATTRIBUTE_WORDS[attribute]} that may be shown, so there are no "
            "groups to compare."
        )
        return GroupReport(title, (), None, (nothing,))
    model = _by_model(study) if study.selection.method is Method.MIXED else ()
    return GroupReport(title, (*model, *_statistics(found)), _means(study), _notes(study))


def _by_model(study: Study) -> tuple[Statement, ...]:
    """Whether the slopes of the groups differ, over every assessment."""
    model = study.analysis.lmm.group_by_linear_time
    tests = {one.term: one for one in model.anova_satterthwaite or ()}
    found = tests.get("group:t")
    if found is None:
        line = f"Not possible: {apa.why(model.status, model.reason)}"
    else:
        line = (
            f"F({found.df1}, {apa.decimal(found.df2)}) = {apa.decimal(found.F)}, "
            f"{apa.p_value(found.p)}"
        )
    return (
        Statement(
            "Do the slopes of the groups differ?",
            "Group × time, mixed model (REML, Satterthwaite): every assessment.",
            line,
        ),
    )


def _statistics(found: MixedAnova) -> tuple[Statement, ...]:
    if found.status is not Status.OK or found.effects is None:
        reason = apa.why(found.status, found.reason)
        return (Statement("No test of the groups", "Mixed ANOVA.", f"Not possible: {reason}"),)
    effects = {one.effect: one for one in found.effects}
    corrections = {one.effect: one for one in found.corrections or ()}
    return tuple(
        Statement(
            title, f"{name}, mixed ANOVA, Type III.", apa.effect(effects[key], corrections.get(key))
        )
        for key, (title, name) in TITLES.items()
        if key in effects
    )


def _notes(study: Study) -> tuple[str, ...]:
    notes = []
    without = len(study.clinics) - len(study.observations[study.measure.key].groups)
    if without:
        notes.append(
            f"{count(without, 'clinic')} without a group that may be shown "
            f"{'stands' if without == 1 else 'stand'} outside this comparison."
        )
    if not all(clinic.is_named for clinic in study.clinics):
        notes.append(
            f"Groups of fewer than {SMALLEST_CELL} clinics are not shown, nor what would let "
            "somebody work them out."
        )
    return tuple(notes)


def _means(study: Study) -> Table:
    """Mean and number of clinics of each group at each time."""
    found = study.observations[study.measure.key]
    names = sorted({min(one) for one in found.groups.values()}, key=natural_order)
    member = np.array([min(found.groups.get(one, {""})) for one in found.subjects])
    sees_all = all(clinic.is_named for clinic in study.clinics)
    labels = {str(time): time_label(time) for time in study.times}
    rows = []
    for place, time in enumerate(found.times):
        column = found.matrix[:, place]
        values = {name: column[(member == name) & ~np.isnan(column)] for name in names}
        sizes = {name: len(one) for name, one in values.items()}
        shown = names if sees_all else shown_groups(sizes, smallest=SMALLEST_CELL).groups
        rows.append(
            (
                labels[str(time)].replace(" ", "\u00a0"),
                *(
                    f"{apa.decimal(float(values[name].mean()), 1)} ({sizes[name]})"
                    if name in shown and sizes[name]
                    else "no score"
                    if name in shown
                    else "not shown"
                    for name in names
                ),
            )
        )
    return Table(
        f"{study.measure.title}: mean by quarter (number of clinics)",
        ("Quarter", *names),
        tuple(rows),
    )
