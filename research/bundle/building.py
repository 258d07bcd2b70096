"""From a study and what was read of its assessments to the content of a bundle, by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from assess.program import OVERALL
from assess.scoring import Basis
from assess.trends.analysis import analyse
from assess.trends.observations import Observation, Observations
from questionnaires.instrument import Instrument
from research.bundle.anonymity import SMALLEST_CELL, WITHHELD
from research.bundle.content import (
    AssessmentReading,
    BundleAssessment,
    BundleClinic,
    BundleContent,
    StudyFacts,
    time_of,
)
from research.bundle.milestones import basis_value, milestones_of
from research.bundle.withholding import (
    ATTRIBUTES,
    Values,
    differences,
    withheld_attributes,
    withheld_milestones,
    withheld_scores,
)
from research.few import scores_of_few
from research.study import StudiedAssessment, Study
from research.suppressing import choice_tells_more

FEW = f"Fewer than {SMALLEST_CELL} clinics; how they were chosen is withheld."
TELLING = "How the clinics were chosen is withheld: it tells what the files keep back."


def build_content(
    study: Study,
    readings: Iterable[AssessmentReading],
    *,
    title: str,
    made_on: date,
    query: str,
    words: str,
    url: str | None = None,
) -> BundleContent:
    """Code the clinics, withhold what could identify anybody, and analyze what is left.

    `query` and `words` are the selection as the address of the page and as people read it; `url`
    is the whole address, for the README: of a very few clinics none of them is told, because the
    choice itself would say which they are, nor where it tells an attribute that is withheld.
    Assessments without a reading are left out.
    """
    if len(study.clinics) < SMALLEST_CELL:
        query, words, url = "", FEW, None
    elif choice_tells_more(study):
        query, words, url = "", TELLING, None
    clinics = tuple(
        BundleClinic(clinic.code, **{name: clinic.coded[name] for name in ATTRIBUTES})
        for clinic in sorted(study.clinics, key=lambda clinic: clinic.code)
    )
    values = {
        key: _by_code(study, observations) for key, observations in study.observations.items()
    }
    assessments = tuple(_assessments(study, readings, values))
    observations = _observations(study, clinics, assessments, values)
    analyses = {
        one.key: analyse(observations[one.key], (one.minimum, one.maximum))
        for one in study.measures
    }
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
            *withheld_attributes(clinics),
            *withheld_scores(assessments),
            *withheld_milestones(assessments),
        ),
        differences=tuple(differences(study, values, observations, clinics, analyses)),
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
        breaks=study.breaks,
    )


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
    hidden = _hidden(study.instrument, one, reading)
    for key in (*(block.id for block in study.instrument.blocks), "overall"):
        # what was analyzed goes before what is stored: over several versions of a questionnaire
        # only the milestones they share are compared
        score = values.get(key, {}).get((code, time), reading.scores.get(key))
        scores[key] = None if key in hidden else score
    return BundleAssessment(
        clinic=code,
        quarter=one.quarter,
        wave=one.wave,
        version=one.questionnaire_version,
        basis=one.basis,
        raters=one.raters,
        scores=scores,
        met=None if one.is_withheld else reading.met,
        milestones=milestones_of(study.instrument, reading, one.raters),
        lacks_scores=bool(hidden),
    )


def _hidden(
    instrument: Instrument, one: StudiedAssessment, reading: AssessmentReading
) -> frozenset[str]:
    """The scores that rest on too few people; the same as research.few leaves out on the page."""
    if one.is_withheld:
        return frozenset((*(block.id for block in instrument.blocks), OVERALL))
    if one.basis is not Basis.RATINGS or not reading.milestones:
        return frozenset()
    given = {key: sum(milestone.counts) for key, milestone in reading.milestones.items()}
    return scores_of_few(
        {
            block.id: max((given.get(m.key, 0) for m in block.milestones), default=0)
            for block in instrument.blocks
            if block.id in reading.scores
        }
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
