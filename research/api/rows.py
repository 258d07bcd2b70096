"""The rows that the API hands out of a coded study. PURE."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from research.api.paging import Key
from research.api.resources import (
    AnalysisAnswer,
    AssessmentRow,
    ClinicRow,
    MeasureText,
    ScoreRow,
    SelectionTold,
)
from research.selection import Clock, Selection, to_query
from research.study import StudiedAssessment, Study

CLINIC_KEY = (str,)
ASSESSMENT_KEY = (str, str)
SCORE_KEY = (str, str, str)


def clinic_key(row: ClinicRow) -> Key:
    return (row.code,)


def assessment_key(row: AssessmentRow) -> Key:
    return row.clinic, row.quarter


def score_key(row: ScoreRow) -> Key:
    return row.clinic, row.quarter, row.measure


def selection_told(selection: Selection, study: Study | None) -> SelectionTold:
    """What was asked for and what came of it; without a study nothing was chosen."""
    return SelectionTold(
        query=to_query(selection),
        questionnaire=study.instrument.slug if study else selection.questionnaire,
        version=study.instrument.version if study else None,
        score=study.measure.key if study else selection.score,
        clock=selection.clock,
        source=selection.source,
        method=selection.method,
        group=selection.group,
        times=tuple(str(time) for time in study.times) if study else (),
        measures=tuple(
            MeasureText(one.key, one.title, one.minimum, one.maximum)
            for one in (study.measures if study else ())
        ),
        withheld=study.withheld if study else 0,
    )


def clinic_rows(study: Study, _after: Key | None = None) -> Iterator[ClinicRow]:
    """Clinics by code."""
    counts = Counter(one.clinic_id for one in study.assessments)
    for clinic in study.clinics:
        shown = clinic.coded
        yield ClinicRow(
            code=clinic.code,
            organization=shown.get("organization"),
            state=shown.get("state"),
            setting=shown.get("setting"),
            ehr=shown.get("ehr"),
            size=shown.get("size"),
            baseline=str(clinic.baseline) if clinic.baseline else None,
            assessments=counts[clinic.id],
            is_demo=clinic.is_demo,
        )


def assessment_rows(study: Study, after: Key | None = None) -> Iterator[AssessmentRow]:
    """Assessments by clinic code and quarter, those long before `after` left out."""
    for code, one in _by_code(study, after):
        yield AssessmentRow(
            clinic=code,
            quarter=str(one.quarter),
            wave=one.wave,
            version=one.questionnaire_version,
            basis=one.basis,
            raters=one.raters,
        )


def score_rows(study: Study, after: Key | None = None) -> Iterator[ScoreRow]:
    """Scores by clinic code, quarter and measure, those long before `after` left out."""
    tables = [
        (
            key,
            found.matrix,
            {name: place for place, name in enumerate(found.subjects)},
            {time: place for place, time in enumerate(found.times)},
        )
        for key, found in sorted(study.observations.items())
    ]
    by_wave = study.selection.clock is Clock.WAVE
    for code, one in _by_code(study, after):
        time = one.wave if by_wave else str(one.quarter)
        for key, matrix, rows, columns in tables:
            if code not in rows or time not in columns:
                continue
            value = float(matrix[rows[code], columns[time]])
            if not math.isnan(value):
                yield ScoreRow(code, str(one.quarter), one.wave, key, value, one.basis, one.raters)


def analysis_of(study: Study) -> AnalysisAnswer:
    """The statistics of every measure."""
    from assess.trends.analysis import as_json  # numpy and scipy load slowly

    return AnalysisAnswer(
        selection=selection_told(study.selection, study),
        clinics=len(study.clinics),
        headline=study.measure.key,
        bases=dict(study.bases),
        results={
            one.key: as_json(study.observations[one.key], study.analyses[one.key])
            for one in study.measures
        },
    )


def _by_code(study: Study, after: Key | None) -> list[tuple[str, StudiedAssessment]]:
    """Clinic codes and assessments in order, from the assessment of `after` on."""
    codes = {clinic.id: clinic.code for clinic in study.clinics}
    keyed = sorted(
        (codes[one.clinic_id], str(one.quarter), one.id, place)
        for place, one in enumerate(study.assessments)
        if one.clinic_id in codes
    )
    start = bisect_left(keyed, after[:2]) if after else 0
    return [(code, study.assessments[place]) for code, _, _, place in islice(keyed, start, None)]
