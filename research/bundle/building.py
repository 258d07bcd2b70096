"""From a study and what was read of its assessments to the content of a bundle, by all rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from assess.suppression import SMALLEST_GROUP
from assess.trends.analysis import Analysis, analyse
from assess.trends.observations import Observation, Observations, Time
from research.bundle.anonymity import SMALLEST_CELL, WITHHELD, Anonymous, anonymize, size_band
from research.bundle.content import (
    AssessmentReading,
    BundleAssessment,
    BundleClinic,
    BundleContent,
    StudyFacts,
    time_of,
)
from research.bundle.milestones import basis_value, milestones_of
from research.study import StudiedAssessment, StudiedClinic, Study

ATTRIBUTES = {
    "organization": "organization code",
    "state": "state",
    "setting": "setting",
    "size": "size band",
    "ehr": "health record system",
}
"""Attributes of clinics in the order in which they are kept, with their words."""

Values = Mapping[tuple[str, Time], float]


def build_content(
    study: Study,
    readings: Iterable[AssessmentReading],
    *,
    title: str,
    made_on: date,
    query: str,
    words: str,
    url: str | None = None,
    smallest_cell: int = SMALLEST_CELL,
) -> BundleContent:
    """Code the clinics, withhold what could identify anybody, and analyze what is left.

    `query` and `words` are the selection as the address of the page and as people read it; `url`
    is the whole address, for the README. Assessments of the study without a reading are left out.
    """
    anonymous = _anonymous(study, smallest_cell)
    clinics = tuple(
        BundleClinic(clinic.code, **anonymous.clinics[clinic.code])
        for clinic in sorted(study.clinics, key=lambda clinic: clinic.code)
    )
    values = {
        key: _by_code(study, observations) for key, observations in study.observations.items()
    }
    assessments = tuple(_assessments(study, readings, values))
    observations = _observations(study, clinics, assessments, values)
    analyses = {key: analyse(rows) for key, rows in observations.items()}
    return BundleContent(
        title=title,
        made_on=made_on,
        instrument=study.instrument,
        study=_facts(study, query, words),
        clinics=clinics,
        assessments=assessments,
        observations=observations,
        analyses=analyses,
        withheld=(
            *_withheld_attributes(anonymous, len(clinics), smallest_cell),
            *_withheld_milestones(assessments),
        ),
        differences=tuple(_differences(study, values, observations, clinics, analyses)),
        url=url,
    )


def _facts(study: Study, query: str, words: str) -> StudyFacts:
    selection = study.selection
    return StudyFacts(
        query=query,
        words=words,
        measure=study.measure,
        measures=study.measures,
        clock=selection.clock,
        times=tuple(time if isinstance(time, int) else str(time) for time in study.times),
        method=selection.method,
        group=selection.group,
    )


def _anonymous(study: Study, k: int) -> Anonymous:
    group = study.selection.group
    order = sorted(ATTRIBUTES, key=lambda name: name != group)
    return anonymize({clinic.code: _attributes(clinic) for clinic in study.clinics}, order, k)


def _attributes(clinic: StudiedClinic) -> dict[str, str | None]:
    return {
        "organization": clinic.organization_code,
        "state": clinic.state or None,
        "setting": clinic.setting or None,
        "ehr": clinic.ehr or None,
        "size": size_band(clinic.clinician_fte),
    }


def _by_code(study: Study, observations: Observations) -> Values:
    """The values a study analyzed, by study code also where the viewer reads names."""
    codes = {clinic.label: clinic.code for clinic in study.clinics}
    codes |= {clinic.code: clinic.code for clinic in study.clinics}
    return {
        (codes[row.subject], row.time): row.value
        for row in observations.rows
        if row.value is not None
    }


def _assessments(
    study: Study, readings: Iterable[AssessmentReading], values: Mapping[str, Values]
) -> Iterator[BundleAssessment]:
    codes = {clinic.id: clinic.code for clinic in study.clinics}
    read = {reading.assessment_id: reading for reading in readings}
    known = [one for one in study.assessments if one.id in read and one.clinic_id in codes]
    for one in sorted(known, key=lambda one: (codes[one.clinic_id], one.quarter, one.id)):
        yield _assessment(study, one, codes[one.clinic_id], read[one.id], values)


def _assessment(
    study: Study,
    one: StudiedAssessment,
    code: str,
    reading: AssessmentReading,
    values: Mapping[str, Values],
) -> BundleAssessment:
    time = time_of(one.quarter, one.wave, study.selection.clock)
    scores: dict[str, float | None] = {}
    for key in (*(block.id for block in study.instrument.blocks), "overall"):
        # what was analyzed goes before what is stored: over several versions of a questionnaire
        # only the milestones they share are compared
        scores[key] = values.get(key, {}).get((code, time), reading.scores.get(key))
    return BundleAssessment(
        clinic=code,
        quarter=one.quarter,
        wave=one.wave,
        version=one.questionnaire_version,
        basis=one.basis,
        raters=one.raters,
        scores=scores,
        met=reading.met,
        milestones=milestones_of(study.instrument, reading, one.raters),
    )


def _observations(
    study: Study,
    clinics: tuple[BundleClinic, ...],
    assessments: tuple[BundleAssessment, ...],
    values: Mapping[str, Values],
) -> dict[str, Observations]:
    """What the bundle's own tables hold of the values analyzed, under its own codes."""
    by_code = {clinic.code: clinic for clinic in clinics}
    # part of the organizations would nest some clinics and not others
    nested = all(clinic.organization != WITHHELD for clinic in clinics)
    group = study.selection.group
    found: dict[str, list[Observation]] = {measure.key: [] for measure in study.measures}
    for one in assessments:
        clinic = by_code[one.clinic]
        time = time_of(one.quarter, one.wave, study.selection.clock)
        value_of_group = getattr(clinic, group) if group in ATTRIBUTES else None
        for key, rows in found.items():
            value = one.scores[key] if key in one.scores else basis_value(one, key)
            if value is not None and (one.clinic, time) in values[key]:
                rows.append(
                    Observation(
                        one.clinic,
                        time,
                        value,
                        clinic.organization if nested else None,
                        None if value_of_group == WITHHELD else value_of_group,
                    )
                )
    return {key: Observations(rows) for key, rows in found.items()}


def _withheld_attributes(anonymous: Anonymous, clinics: int, k: int) -> Iterator[str]:
    yield (
        f"Attributes of clinics are combined so that every combination fits {k} clinics or more. "
        "Clinician full-time equivalents are given in bands."
    )
    if clinics < k:
        yield f"There are fewer than {k} clinics, so every attribute is withheld."
        return
    for name, count in anonymous.withheld.items():
        yield f"The {ATTRIBUTES[name]} of {count} of {clinics} clinics is withheld."


def _withheld_milestones(assessments: tuple[BundleAssessment, ...]) -> Iterator[str]:
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


def _differences(
    study: Study,
    values: Mapping[str, Values],
    observations: Mapping[str, Observations],
    clinics: tuple[BundleClinic, ...],
    analyses: Mapping[str, Analysis],
) -> Iterator[str]:
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
