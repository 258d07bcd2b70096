"""Writes the drawn ratings, agreements and scores of the demonstration into the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from accounts.demo import DemoClinic, insert_rows
from assess import answered_texts
from assess.demo.calendar import Moments, moments_of
from assess.demo.generator import (
    SEED,
    WAVES,
    DrawnAssessment,
    Stage,
    draw_program,
)
from assess.demo.meetings import write_meetings
from assess.demo.ratings import LoadedAssessment, value_columns, write_ratings
from assess.demo.words import DISSENTS, RATIONALES
from assess.following.models import AssessmentStep
from assess.joining import links
from assess.models import OVERALL, AgreedLevel, AgreedLevelChange, Assessment, BlockScore, State
from assess.quarters import Quarter
from assess.queries.scores import is_preferred
from assess.rating import saving
from assess.rollup.making import rollup_row, rollups_of
from assess.rollup.models import AssessmentRollup
from assess.scoring import score_assessment
from assess.trends.anova import RepeatedMeasures, repeated_measures
from assess.trends.observations import Observation, Observations
from core import audit, clock
from core.db import db
from questionnaires import catalog
from questionnaires.instrument import Instrument

QUESTIONNAIRE = "six_building_blocks"
_STATES = {Stage.OPEN: State.OPEN, Stage.REVEALED: State.REVEALED, Stage.DONE: State.CLOSED}


def newest_quarter() -> Quarter:
    """The running quarter, in which the demonstration's newest assessments stand."""
    return Quarter.of(clock.today())


def first_quarter() -> Quarter:
    """The quarter of every demo clinic's baseline."""
    return newest_quarter() - (WAVES - 1)


def load_assessments(clinics: Sequence[DemoClinic]) -> tuple[LoadedAssessment, ...]:
    """Write every assessment with ratings, agreed levels and scores, clinic by clinic."""
    instrument = catalog.get(QUESTIONNAIRE)
    version = answered_texts.keep_questionnaire(instrument)
    program = draw_program(instrument, [len(clinic.raters) for clinic in clinics])
    times = [
        moments_of(first_quarter() + drawn.wave, drawn.clinic, clock.now()) for drawn in program
    ]
    rows = [
        _assessment_row(drawn, clinics[drawn.clinic], moments, version)
        for drawn, moments in zip(program, times, strict=True)
    ]
    loaded = tuple(
        LoadedAssessment(key, clinics[drawn.clinic], first_quarter() + drawn.wave, drawn, moments)
        for key, drawn, moments in zip(insert_rows(Assessment, rows), program, times, strict=True)
    )
    random = np.random.default_rng([SEED, WAVES])
    write_ratings(loaded, random)
    _write_agreements(loaded, random)
    write_meetings(loaded)
    _write_steps(loaded)
    _write_scores(loaded, instrument, version)
    return loaded


def let_staff_join(loaded: Sequence[LoadedAssessment], *, secret: str | bytes) -> None:
    """Make the join link of the first open assessment, so that there is a poster to look at."""
    one = next(one for one in loaded if one.drawn.stage is Stage.OPEN)
    lead = one.clinic.raters[0]
    with audit.acting(audit.Actor(lead.person_id, lead.name, "demonstration")):
        links.make_link(assessment_id=one.assessment_id, secret=secret, person_id=lead.person_id)


def overall_trend(loaded: Sequence[LoadedAssessment]) -> RepeatedMeasures:
    """The repeated-measures ANOVA of the overall scores of all assessments that were revealed."""
    known = {one.assessment_id: one for one in loaded if one.drawn.stage > Stage.OPEN}
    rows = db.session.execute(
        select(BlockScore.assessment_id, BlockScore.score).where(
            BlockScore.block == OVERALL, is_preferred(), BlockScore.assessment_id.in_(known)
        )
    )
    scores = {row.assessment_id: row.score for row in rows}
    return repeated_measures(
        Observations(
            tuple(
                Observation(subject=one.clinic.name, time=str(one.quarter), value=scores[key])
                for key, one in known.items()
            )
        ).complete
    )


def _assessment_row(
    drawn: DrawnAssessment, clinic: DemoClinic, moments: Moments, version: int
) -> dict[str, Any]:
    agreed = moments.planned if drawn.stage >= Stage.AGREED else None
    due = moments.opened.date() + timedelta(days=21)
    return clinic.owner | {
        "questionnaire": QUESTIONNAIRE,
        "questionnaire_version_id": version,
        "quarter": str(first_quarter() + drawn.wave),
        "state": _STATES.get(drawn.stage, State.AGREED).value,
        "source": "rated",
        "opened_at": moments.opened,
        "opened_by": clinic.raters[0].person_id,
        "due_on": _still_ahead(due) if drawn.stage is Stage.OPEN else due,
        "revealed_at": moments.revealed if drawn.stage >= Stage.REVEALED else None,
        "agreed_at": agreed,
        "closed_at": moments.closed if drawn.stage is Stage.DONE else None,
    }


def _still_ahead(due: date) -> date:
    return max(due, clock.today() + timedelta(days=7))


def _write_agreements(loaded: Sequence[LoadedAssessment], random: np.random.Generator) -> None:
    rows: list[dict[str, Any]] = []
    for one in loaded:
        for key, answer in one.drawn.agreed.items():
            rows.append(
                one.clinic.owner
                | value_columns(answer)
                | {
                    "assessment_id": one.assessment_id,
                    "milestone": key,
                    "rationale": _now_and_then(RATIONALES, 0.3, random),
                    "dissent": _now_and_then(DISSENTS, 0.05, random),
                    "agreed_by": one.clinic.raters[0].person_id,
                    "agreed_at": one.moments.planned,
                }
            )
    db.session.execute(insert(AgreedLevel), rows)
    db.session.execute(insert(AgreedLevelChange), rows)


def _write_steps(loaded: Sequence[LoadedAssessment]) -> None:
    rows = [
        _owner(one) | {"step": step, "at": at, "person_id": one.clinic.raters[0].person_id}
        for one in loaded
        for stage, step, at in (
            (Stage.OPEN, "opened", one.moments.opened),
            (Stage.REVEALED, "revealed", one.moments.revealed),
            (Stage.AGREED, "agreed", one.moments.planned),
            (Stage.DONE, "closed", one.moments.closed),
        )
        if one.drawn.stage >= stage
    ]
    db.session.execute(insert(AssessmentStep), rows)


def _owner(one: LoadedAssessment) -> dict[str, int]:
    return one.clinic.owner | {"assessment_id": one.assessment_id}


def _write_scores(loaded: Sequence[LoadedAssessment], instrument: Instrument, version: int) -> None:
    """As service.record_scores does it, from what was drawn instead of what was stored."""
    scores: list[dict[str, Any]] = []
    rollups: list[dict[str, Any]] = []
    for one in loaded:
        if one.drawn.stage == Stage.OPEN:  # scores come into being at the reveal
            continue
        agreed = one.drawn.agreed
        finished = [sheet.answers for sheet in one.drawn.ratings if sheet.finished]
        found = [score_assessment(instrument, finished)]
        if agreed:
            found.append(score_assessment(instrument, finished, agreed))
        scores += [_owner(one) | row for each in found for row in saving.score_rows(each)]
        about = {
            "questionnaire": QUESTIONNAIRE,
            "questionnaire_version_id": version,
            "quarter": str(one.quarter),
        }
        rollups += [
            _owner(one) | about | rollup_row(each)
            for each in rollups_of(instrument, finished, agreed, found)
        ]
    db.session.execute(insert(BlockScore), scores)
    db.session.execute(insert(AssessmentRollup), rollups)


def _now_and_then(texts: Sequence[str], share: float, random: np.random.Generator) -> str:
    return texts[int(random.integers(len(texts)))] if random.random() < share else ""
