"""Says in words what a data bundle withholds, and where its numbers therefore differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from assess.suppression import SMALLEST_GROUP
from assess.trends.analysis import Analysis
from assess.trends.observations import Observations, Time
from research.bundle.anonymity import SMALLEST_CELL, WITHHELD
from research.bundle.content import BundleAssessment, BundleClinic
from research.study import Study, withheld_note

ATTRIBUTES = {
    "organization": "organization code",
    "state": "state",
    "setting": "setting",
    "size": "size band",
    "ehr": "health record system",
}
"""Attributes of clinics with their words."""

Values = Mapping[tuple[str, Time], float]
"""What a study analyzed, by study code and time."""


def withheld_attributes(clinics: Sequence[BundleClinic]) -> Iterator[str]:
    """Sentences about the attributes of clinics."""
    yield (
        "Attributes of clinics are given only where every combination fits "
        f"{SMALLEST_CELL} clinics or more. Clinician full-time equivalents are given in bands."
    )
    for name, words in ATTRIBUTES.items():
        count = sum(getattr(clinic, name) == WITHHELD for clinic in clinics)
        if count:
            yield f"The {words} of {count} of {len(clinics)} clinics is withheld."


def withheld_scores(assessments: tuple[BundleAssessment, ...]) -> Iterator[str]:
    """A sentence about scores that rest on few ratings, if there are any."""
    if count := sum(one.lacks_scores for one in assessments):
        yield withheld_note(count)


def withheld_milestones(assessments: tuple[BundleAssessment, ...]) -> Iterator[str]:
    """Sentences about ratings."""
    yield (
        "What raters said about a milestone is given only where at least "
        f"{SMALLEST_GROUP} of them gave it a level: as mean, standard deviation and shares. "
        "Answers of single people, notes, comments, names and days are in no file."
    )
    counts = Counter(
        milestone.rated.state == WITHHELD
        for one in assessments
        for milestone in one.milestones.values()
        if milestone.rated is not None
    )
    if counts[True]:
        yield (
            f"Ratings of a milestone in an assessment are withheld {counts[True]:,} times "
            f"of {counts.total():,}."
        )


def differences(
    study: Study,
    values: Mapping[str, Values],
    observations: Mapping[str, Observations],
    clinics: tuple[BundleClinic, ...],
    analyses: Mapping[str, Analysis],
) -> Iterator[str]:
    """Sentences about what the page analyzes and the bundle does not hold; none when all is."""
    for measure in study.measures:
        lost = len(values[measure.key]) - len(observations[measure.key].rows)
        if lost:
            yield (
                f"{measure.title}: {lost} of {len(values[measure.key])} values that the page "
                "analyzes are withheld here, so the numbers differ."
            )
        elif not _same(study.analyses[measure.key], analyses[measure.key]):
            yield f"{measure.title}: the numbers differ from those of the page."
    if any(clinic.organization == WITHHELD for clinic in clinics):
        yield (
            "Organizations are withheld for some clinics, so the analyses that nest clinics in "
            "organizations are only on the page."
        )


def _same(page: Analysis, bundle: Analysis) -> bool:
    pairs = [
        (page.rm_anova.F, bundle.rm_anova.F),
        (page.linear_trend.slope_per_time, bundle.linear_trend.slope_per_time),
    ]
    return all(
        (a is None and b is None)
        or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12))
        for a, b in pairs
    )
