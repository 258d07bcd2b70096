"""Who rated again: scores of the same raters beside those of all, as far as nobody is shown. PURE.

A mean over few people tells what each of them answered, and so does a difference of two means. So
the same raters of a clinic are shown only where they are SMALLEST_GROUP or more, and everybody else
is nobody or as many. Where two comparisons meet in a quarter, every part into which they divide the
raters must be large enough, too. Raters without an account cannot be known again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from assess.answers import Answers
from assess.program import OVERALL
from assess.quarters import Quarter
from assess.scoring import milestone_value, score_assessment
from assess.suppression import SMALLEST_GROUP
from questionnaires.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished rating: whose it is (None without an account), of which clinic and quarter."""

    rating_id: int
    clinic_id: int
    quarter: Quarter
    version_id: int
    person_id: int | None


@dataclass(frozen=True, slots=True)
class RatedAgain:
    """A clinic's raters of two quarters that may be compared: ratings of the same, and of all."""

    clinic_id: int
    before: Quarter
    after: Quarter
    same_before: tuple[int, ...]
    same_after: tuple[int, ...]
    all_before: tuple[int, ...]
    all_after: tuple[int, ...]

    @property
    def ratings(self) -> frozenset[int]:
        """Every rating that is needed to compare."""
        return frozenset(self.all_before + self.all_after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean scores of two quarters by the same raters and by all, over `clinics` clinics."""

    before: Quarter
    after: Quarter
    clinics: int
    same: tuple[float, float]
    every: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SameRaters:
    """Comparisons of neighboring quarters that may be shown, and quarters with other raters."""

    comparisons: tuple[Comparison, ...] = ()
    changed: tuple[Quarter, ...] = ()


def rated_again(sheets: Iterable[Sheet]) -> tuple[RatedAgain, ...]:
    """What may be shown of each clinic's quarters, each with the one before, oldest first."""
    found: list[RatedAgain] = []
    for clinic_id, quarters in _by_clinic(sheets).items():
        last: frozenset[int] = frozenset()
        for before, after in pairwise(sorted(quarters)):
            same = _people(quarters[before]) & _people(quarters[after])
            shows = _may_show(same, quarters[before], quarters[after])
            if shows and (not last or _parts_are_large(last, same, quarters[before])):
                found.append(_pair(clinic_id, before, after, same, quarters))
                last = same
            else:
                last = frozenset()
    return tuple(found)


def changed_raters(sheets: Iterable[Sheet], times: Sequence[Quarter]) -> tuple[Quarter, ...]:
    """Quarters in which less than half of those who rated had rated in the quarter before.

    Over all clinics with both quarters. Quarters in which most raters have no account are left
    out: nobody can know whether they are the same.
    """
    clinics = _by_clinic(sheets)
    changed = []
    for before, after in pairwise(times):
        both = [found for found in clinics.values() if before in found and after in found]
        same = sum(len(_people(found[before]) & _people(found[after])) for found in both)
        known = sum(len(_people(found[after])) for found in both)
        if both and 2 * same < known and _mostly_known(both, before, after):
            changed.append(after)
    return tuple(changed)


def _mostly_known(clinics: Iterable[Mapping[Quarter, Sequence[Sheet]]], *times: Quarter) -> bool:
    """Whether at least half of the raters of each quarter have an account."""
    found = list(clinics)
    return all(
        2 * sum(len(_people(one[time])) for one in found) >= sum(len(one[time]) for one in found)
        for time in times
    )


def compare(
    pairs: Iterable[RatedAgain],
    times: Sequence[Quarter],
    answers: Mapping[int, Answers],
    versions: Mapping[int, Instrument],
    key: str,
    *,
    smallest: int = 1,
) -> tuple[Comparison, ...]:
    """Mean scores over clinics of each two neighboring quarters; none below `smallest` clinics.

    `answers` are by rating, `versions` the questionnaire of each rating, `key` the score. A clinic
    in which somebody gave the score no level is left out: its groups are smaller than they look.
    """
    known = list(pairs)
    found = []
    for before, after in pairwise(times):
        rows = []
        for one in known:
            if (one.before, one.after) != (before, after):
                continue
            if not all(_says(rating, answers, versions, key) for rating in one.ratings):
                continue
            scores = tuple(
                _score(ratings, answers, versions, key)
                for ratings in (one.same_before, one.same_after, one.all_before, one.all_after)
            )
            if all(score is not None for score in scores):
                rows.append(scores)
        if len(rows) >= max(1, smallest):
            means = [fsum(row[at] or 0.0 for row in rows) / len(rows) for at in range(4)]
            same, every = (means[0], means[1]), (means[2], means[3])
            found.append(Comparison(before, after, len(rows), same, every))
    return tuple(found)


def _by_clinic(sheets: Iterable[Sheet]) -> dict[int, dict[Quarter, list[Sheet]]]:
    found: dict[int, dict[Quarter, list[Sheet]]] = {}
    for sheet in sheets:
        found.setdefault(sheet.clinic_id, {}).setdefault(sheet.quarter, []).append(sheet)
    return found


def _people(sheets: Iterable[Sheet]) -> frozenset[int]:
    return frozenset(sheet.person_id for sheet in sheets if sheet.person_id is not None)


def _may_show(same: frozenset[int], before: Sequence[Sheet], after: Sequence[Sheet]) -> bool:
    return len(same) >= SMALLEST_GROUP and all(
        _is_large(len(sheets) - len(same)) for sheets in (before, after)
    )


def _parts_are_large(one: frozenset[int], other: frozenset[int], sheets: Sequence[Sheet]) -> bool:
    """Whether two groups of a quarter's raters leave no part of them that is too small."""
    rest = len(sheets) - len(one | other)
    return all(map(_is_large, (len(one - other), len(other - one), len(one & other), rest)))


def _is_large(size: int) -> bool:
    return size == 0 or size >= SMALLEST_GROUP


def _pair(
    clinic_id: int,
    before: Quarter,
    after: Quarter,
    same: frozenset[int],
    quarters: Mapping[Quarter, Sequence[Sheet]],
) -> RatedAgain:
    def ratings(quarter: Quarter, of: frozenset[int] | None = None) -> tuple[int, ...]:
        return tuple(
            sheet.rating_id for sheet in quarters[quarter] if of is None or sheet.person_id in of
        )

    return RatedAgain(
        clinic_id, before, after,
        ratings(before, same), ratings(after, same), ratings(before), ratings(after),
    )  # fmt: skip


def _says(
    rating: int, answers: Mapping[int, Answers], versions: Mapping[int, Instrument], key: str
) -> bool:
    """Whether the rating gave a level to any milestone that the score is made of."""
    found = answers.get(rating, {})
    return any(
        key in (OVERALL, block.id, milestone.key) and found[milestone.key].value is not None
        for block in versions[rating].blocks
        for milestone in block.milestones
        if milestone.key in found
    )


def _score(
    ratings: Sequence[int],
    answers: Mapping[int, Answers],
    versions: Mapping[int, Instrument],
    key: str,
) -> float | None:
    sources = [answers[rating] for rating in ratings if rating in answers]
    if not sources:
        return None
    instrument = versions[ratings[0]]
    if key in {milestone.key for milestone in instrument.milestones}:
        return milestone_value(key, sources)
    scores = score_assessment(instrument, sources)
    if key == OVERALL:
        return scores.overall
    return next((block.score for block in scores.blocks if block.block == key), None)
