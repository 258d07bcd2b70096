"""An agreement analysis in plain words for the terminal: the sentence first, then the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from assess.agreement.analysis import Agreement
from assess.agreement.intraclass import Intraclass
from assess.agreement.kappa import Kappa, enough_subjects
from assess.agreement.krippendorff import Alpha
from assess.agreement.table import RatingTable
from assess.agreement.words import alpha_words, within_words
from assess.trends import apa
from assess.trends.anova import Status

_SHOWN = 30  # subjects and pairs listed before the list is cut
_MEANING = {
    "ICC1": "one rater, other raters each time",
    "ICC2": "one rater out of many",
    "ICC3": "one of exactly these",
    "ICC1k": "mean, other raters each time",
    "ICC2k": "mean, raters out of many",
    "ICC3k": "mean of exactly these",
}


def report(table: RatingTable, agreement: Agreement) -> str:
    """The whole report as lines of text of at most about 100 characters."""
    return "\n".join(
        [
            _sentence(table, agreement),
            *(_cautions(table) if agreement.krippendorff_alpha.status is Status.OK else ()),
            "",
            "Intraclass correlation (how much of the differences lies between the subjects)",
            *_intraclass(agreement),
            *_left_out(agreement),
            "",
            "Krippendorff's alpha (all values, gaps allowed)",
            *_alpha(agreement.krippendorff_alpha),
            "",
            "Cohen's kappa of every two raters",
            *_kappas(table, agreement),
            "",
            "Agreement within each subject (r_wg against a rectangular distribution)",
            *_within(table, agreement),
        ]
    )


def _sentence(table: RatingTable, agreement: Agreement) -> str:
    counts = f"{_count(len(table.raters), 'rater')}, {_count(len(table.subjects), 'subject')}"
    alpha = agreement.krippendorff_alpha
    if alpha.ordinal is not None:
        return (
            f"{counts}: on ordered levels their agreement is {alpha_words(alpha.ordinal)} "
            f"(Krippendorff's alpha {apa.unit(alpha.ordinal)})."
        )
    return f"{counts}: {_why(alpha.status, alpha.reason)}."


def _cautions(table: RatingTable) -> Iterator[str]:
    if 1 < len(table.raters) < 5:
        yield "With fewer than 5 raters, one of them can decide these numbers."
    if len(table.subjects) < 10:
        yield "With fewer than 10 subjects the intervals are wide; read the numbers with care."


def _intraclass(agreement: Agreement) -> Iterator[str]:
    icc = agreement.icc
    if icc.rows is None:
        yield f"  Not possible: {_why(icc.status, icc.reason)}"
        return
    for row in icc.rows:
        yield f"  {row.type:<6}{_one_form(row)}; {_MEANING[row.type]}"


def _one_form(row: Intraclass) -> str:
    if row.ICC is None or row.ICC > 1 + 1e-9:
        return "not defined: the subjects do not differ enough"
    value = f"{apa.unit(row.ICC):>5}"
    if row.F is None:
        return f"{value}, no disagreement beyond a constant, so F is infinite"
    limits = f"[{apa.unit(row.lower95)}, {apa.unit(row.upper95)}]"
    return (
        f"{value}, 95% CI {limits}, F({row.df1}, {row.df2}) = {apa.decimal(row.F)}, "
        f"{apa.p_value(row.p)}"
    )


def _left_out(agreement: Agreement) -> Iterator[str]:
    complete = agreement.complete
    if not complete.left_out:
        return
    every = len(complete.subjects) + len(complete.left_out)
    yield (
        f"  Left out here: {len(complete.left_out)} of {every} subjects without a value from "
        "every rater"
    )
    for left in complete.left_out[:_SHOWN]:
        missing = ", ".join(str(rater) for rater in left.missing[:10])
        more = f" and {len(left.missing) - 10} more" if len(left.missing) > 10 else ""
        yield f"    {left.subject}: no value from {missing}{more}"
    if len(complete.left_out) > _SHOWN:
        yield f"    and {len(complete.left_out) - _SHOWN} more"


def _alpha(alpha: Alpha) -> Iterator[str]:
    if alpha.status is not Status.OK:
        yield f"  Not possible: {_why(alpha.status, alpha.reason)}"
        return
    kinds = ("nominal", "ordinal", "interval", "ratio")
    values = (f"{kind} {apa.unit(getattr(alpha, kind), 3)}" for kind in kinds)
    yield f"  {', '.join(values)}"
    yield f"  from {alpha.values} values of {_count(alpha.subjects, 'subject')} with two or more"


def _kappas(table: RatingTable, agreement: Agreement) -> Iterator[str]:
    kappas = agreement.kappa
    if not kappas.rows:
        yield f"  Not possible: {_why(kappas.status, kappas.reason)}"
        return
    for row in kappas.rows[:_SHOWN]:
        if row.kappa is None:
            reason = "no subject in common" if row.n == 0 else "every value is the same"
            yield f"  {row.a} and {row.b}: not possible, {reason}"
        else:
            plain = _with_limits(row.kappa, row.lower95, row.upper95)
            weighted = _with_limits(
                row.kappa_quadratic, row.quadratic_lower95, row.quadratic_upper95
            )
            yield f"  {row.a} and {row.b} ({_count(row.n, 'subject')}): {plain}"
            yield f"    with quadratic weights {weighted}"
    if len(kappas.rows) > _SHOWN:
        yield f"  and {len(kappas.rows) - _SHOWN} more; --json lists them all"
    yield from _few_for_kappa(table, agreement, kappas.rows)


def _with_limits(value: float | None, lower: float | None, upper: float | None) -> str:
    if lower is None:
        return f"{apa.unit(value)}, no interval"
    return f"{apa.unit(value)}, 95% CI [{apa.unit(lower)}, {apa.unit(upper)}]"


def _few_for_kappa(
    table: RatingTable, agreement: Agreement, rows: Sequence[Kappa]
) -> Iterator[str]:
    """A caution about intervals that rest on a formula for large tables."""
    levels = agreement.rwg.levels or len(np.unique(table.values[~np.isnan(table.values)]))
    enough = enough_subjects(levels)
    if any(row.lower95 is not None and row.n < enough for row in rows):
        yield (
            f"  With fewer than {enough} subjects ({levels} levels) these intervals are rough, "
            "and often too narrow."
        )


def _within(table: RatingTable, agreement: Agreement) -> Iterator[str]:
    rwg = agreement.rwg
    if rwg.status is not Status.OK or rwg.per_unit is None or rwg.raters is None:
        yield f"  Not possible: {_why(rwg.status, rwg.reason)}"
        return
    yield f"  {rwg.levels} levels; mean {apa.unit(rwg.mean)}, median {apa.unit(rwg.median)}"
    spread = set(rwg.more_than_chance or ())
    rows = list(zip(table.subjects, rwg.per_unit, rwg.raters, strict=True))
    for subject, value, raters in rows[:_SHOWN]:
        if value is None:
            yield f"  {subject}: one rating only"
        else:
            words = within_words(value, more_than_chance=subject in spread).lower()
            yield f"  {subject}: {apa.unit(value)}, {words} ({_count(raters, 'rater')})"
    if len(rows) > _SHOWN:
        yield f"  and {len(rows) - _SHOWN} more; --json lists them all"


def _why(status: Status, reason: str | None) -> str:
    if status is Status.NO_VARIATION:
        return "every value is the same, so agreement beyond chance cannot be judged"
    return reason or "it cannot be computed from these values"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
