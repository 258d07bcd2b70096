"""A small study with everything a bundle meets: gaps, ratings, agreed and inapplicable levels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np

from assess.answers import DONT_KNOW, NOT_APPLICABLE, AnswerValue
from assess.quarters import Quarter
from assess.scoring import Basis
from assess.trends.analysis import analyse
from assess.trends.observations import Observation, Observations
from questionnaires import catalog
from questionnaires.instrument import Instrument
from research.bundle.building import build_content
from research.bundle.content import AssessmentReading, BundleContent, MilestoneReading
from research.selection import Selection
from research.study import Measure, StudiedAssessment, StudiedClinic, Study
from research.suppressing import for_files

QUARTERS = Quarter.range(Quarter(2025, 1), Quarter(2025, 4))
SETTINGS = ("Rural", "Urban")
MADE_ON = date(2026, 11, 22)
NAMES = "Cedar Grove Family Practice {}"
ORGANIZATION = "Harbor Health of Somewhere"


def clinic(number: int) -> StudiedClinic:
    """Clinic `number` of 10 in two organizations of five; the last lies in a state of its own."""
    return StudiedClinic(
        id=100 + number,
        code=f"C{number:02d}",
        label=NAMES.format(number),
        organization_id=7 + number // 6,
        organization_code=f"O0{1 + number // 6}",
        organization=f"{ORGANIZATION} {1 + number // 6}",
        state="ID" if number == 10 else "WA",
        setting=SETTINGS[number % 2],
        ehr="Epic",
        clinician_fte=float(number),
        baseline=QUARTERS[0],
        is_demo=False,
    )


@cache
def instrument(slug: str = "six_building_blocks") -> Instrument:
    return catalog.get(slug)


def study(*, slug: str = "six_building_blocks", selection: Selection | None = None) -> Study:
    """Ten clinics in four quarters; C09 lacks the last, C10 has ratings of seven people only."""
    chosen = selection or Selection(questionnaire=slug)
    questions = instrument(slug)
    known = [clinic(number) for number in range(1, 11)]
    coded = for_files(known)
    clinics = tuple(replace(one, coded=coded[one.id]) for one in known)
    assessments = tuple(
        StudiedAssessment(
            id=1000 + 10 * one.id + place,
            clinic_id=one.id,
            quarter=quarter,
            wave=place,
            questionnaire_version=questions.version,
            basis=Basis.RATINGS if one.code == "C10" else Basis.AGREED,
            raters=7,
        )
        for one in clinics
        for place, quarter in enumerate(QUARTERS)
        if not (one.code == "C09" and place == 3)
    )
    scale = questions.milestones[0].scale
    measures = (
        Measure("overall", "Overall score", scale.minimum, scale.maximum),
        *(Measure(b.id, b.title, scale.minimum, scale.maximum) for b in questions.blocks),
    )
    labels = {one.id: one for one in clinics}
    observations = {
        measure.key: Observations(
            [
                Observation(
                    labels[one.clinic_id].label,
                    one.wave if chosen.clock == "wave" else str(one.quarter),
                    score(questions, one, measure.key),
                    labels[one.clinic_id].organization_code,
                    group_of(labels[one.clinic_id], chosen.group),
                )
                for one in assessments
            ]
        )
        for measure in measures
    }
    times = tuple(range(len(QUARTERS))) if chosen.clock == "wave" else QUARTERS
    return Study(
        selection=chosen,
        instrument=questions,
        measure=measures[0],
        measures=measures,
        clinics=clinics,
        assessments=assessments,
        times=times,
        observations=observations,
        analyses={key: analyse(rows) for key, rows in observations.items()},
        bases={Basis.AGREED: 35, Basis.RATINGS: 4},
    )


def group_of(one: StudiedClinic, group: str | None) -> str | None:
    name = "organization_code" if group == "organization" else group
    return None if name is None else str(getattr(one, name))


def score(questions: Instrument, one: StudiedAssessment, key: str) -> float:
    """Rises with the quarters, differs between clinics and blocks, always with the same noise."""
    place = 0 if key == "overall" else questions.block(key).number
    random = np.random.default_rng([one.id, place])
    scale = questions.milestones[0].scale
    share = 0.25 + 0.08 * one.wave + 0.02 * place + 0.04 * (one.clinic_id % 5)
    share = min(1.0, max(0.0, share + random.normal(0, 0.05)))
    return float(scale.minimum + share * (scale.maximum - scale.minimum))


def readings(study: Study) -> list[AssessmentReading]:
    """The second milestone of C01 does not apply, the third of C02 nobody knew; see _rated."""
    return [_reading(study, one) for one in study.assessments]


def _reading(study: Study, one: StudiedAssessment) -> AssessmentReading:
    questions = study.instrument
    keys = ("overall", *(block.id for block in questions.blocks))
    milestones = {
        milestone.key: MilestoneReading(
            agreed=_agreed(one, milestone.number, milestone.scale.maximum),
            counts=_counts(one, milestone.number, len(milestone.scale.values())),
            not_applicable=0,
            dont_know=0,
        )
        for milestone in questions.milestones
    }
    return AssessmentReading(
        one.id, {key: score(questions, one, key) for key in keys}, one.wave, milestones
    )


def _agreed(one: StudiedAssessment, number: int, maximum: int) -> AnswerValue | None:
    if one.basis is Basis.RATINGS:
        return None
    if (one.clinic_id, number) == (101, 2):
        return NOT_APPLICABLE
    if (one.clinic_id, number) == (102, 3):
        return DONT_KNOW
    return AnswerValue.level(1 + (one.id + number + one.wave) % maximum)


def _counts(one: StudiedAssessment, number: int, values: int) -> tuple[int, ...]:
    """Seven raters at two levels; only four gave the fourth milestone a level."""
    low = (one.id + number) % (values - 1)
    counts = [0] * values
    counts[low], counts[low + 1] = (2, 2) if number == 4 else (3, 4)
    return tuple(counts)


def content(studied: Study | None = None, **changes: object) -> BundleContent:
    studied = studied or study()
    built = build_content(
        studied,
        readings(studied),
        title="Six Building Blocks, Q1 2025 to Q4 2025",
        made_on=MADE_ON,
        query="questionnaire=six_building_blocks",
        words="Overall score, 10 clinics, Q1 2025 to Q4 2025, agreed levels where there are any",
        url="https://blockwise.example/trends?questionnaire=six_building_blocks",
    )
    return replace(built, **changes)  # type: ignore[arg-type]
