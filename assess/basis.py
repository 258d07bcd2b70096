"""Says what a score rests on, in the same words wherever a score stands. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assess.scoring import Basis


def basis_words(basis: Basis | None, raters: int | None = None) -> str:
    """ "agreed by the team", "mean of 5 ratings"; empty without a basis.

    `raters` may be None where scores of several quarters or clinics are meant.
    """
    match basis:
        case Basis.AGREED:
            return "agreed by the team"
        case Basis.IMPORTED:
            return "taken over from earlier records"
        case Basis.RATINGS if raters is None:
            return "mean of ratings"
        case Basis.RATINGS:
            return "mean of 1 rating" if raters == 1 else f"mean of {raters} ratings"
    return ""


def basis_note(quarters: Iterable[tuple[str, Basis | None]]) -> str:
    """One sentence for a chart over several quarters: what the scores of each rest on.

    `quarters`: label and basis in the chart's order; those without a basis are left out. Quarters
    of one basis stand together. Empty when there is no score at all.
    """
    labels: dict[str, list[str]] = {}
    for label, basis in quarters:
        if words := basis_words(basis):
            labels.setdefault(words, []).append(label)
    if len(labels) == 1:
        return f"All scores: {next(iter(labels))}."
    parts = [f"{', '.join(found)}: {words}" for words, found in labels.items()]
    return f"{'; '.join(parts)}." if parts else ""


def count_note(scores: Mapping[Basis, int]) -> str:
    """One sentence for scores of many clinics: how many rest on what; empty without any."""
    counted = [(basis, scores[basis]) for basis in Basis if scores.get(basis)]
    if len(counted) == 1:
        return f"All scores: {basis_words(counted[0][0])}."
    parts = [f"{number:,} {basis_words(basis)}" for basis, number in counted]
    return f"Scores: {', '.join(parts)}." if parts else ""
