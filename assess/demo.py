"""Writes the drawn ratings, agreements and scores of the demonstration into the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from accounts.demo import DemoClinic, insert_rows
from assess import answered_texts, joining, saving
from assess.answers import AnswerValue
from assess.demo_calendar import Moments, moments_of
from assess.demo_generator import (
    SEED,
    WAVES,
    DrawnAssessment,
    DrawnRating,
    Stage,
    draw_program,
)
from assess.demo_words import DISSENTS, NOTES, RATIONALES
from assess.models import (
    OVERALL,
    AgreedLevel,
    Answer,
    Assessment,
    BlockScore,
    Rating,
    State,
)
from assess.observations import Observation, Observations
from assess.quarters import Quarter
from assess.queries.scores import is_preferred
from assess.scoring import AssessmentScores, score_assessment
from assess.trends import RepeatedMeasures, repeated_measures
from core import audit, clock
from core.db import db
from questionnaires import catalog
from questionnaires.instrument import Instrument

QUESTIONNAIRE = "six_building_blocks"
_STATES = {Stage.OPEN: State.OPEN, Stage.REVEALED: State.REVEALED, Stage.DONE: State.CLOSED}


@dataclass(frozen=True, slots=True)
class LoadedAssessment:
    """A stored assessment with what it was drawn from."""

    assessment_id: int
    clinic: DemoClinic
    quarter: Quarter
    drawn: DrawnAssessment
    moments: Moments


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
    _write_ratings(loaded, random)
    _write_agreements(loaded, random)
    saving.insert_scores((_owner(one), _scores(instrument, one.drawn)) for one in loaded)
    return loaded


def let_staff_join(loaded: Sequence[LoadedAssessment], *, secret: str | bytes) -> None:
    """Make the join link of the first open assessment, so that there is a poster to look at."""
    one = next(one for one in loaded if one.drawn.stage is Stage.OPEN)
    lead = one.clinic.raters[0]
    with audit.acting(audit.Actor(lead.person_id, lead.name, "demonstration")):
        joining.make_link(assessment_id=one.assessment_id, secret=secret, person_id=lead.person_id)


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
        "due_on": _still_ahead(due) if drawn.stage is Stage.OPEN else due,
        "revealed_at": moments.revealed if drawn.stage >= Stage.REVEALED else None,
        "agreed_at": agreed,
        "closed_at": moments.closed if drawn.stage is Stage.DONE else None,
    }


def _still_ahead(due: date) -> date:
    return max(due, clock.today() + timedelta(days=7))


def _write_ratings(loaded: Sequence[LoadedAssessment], random: np.random.Generator) -> None:
    pairs = [(one, sheet) for one in loaded for sheet in one.drawn.ratings]
    shares = random.random(len(pairs))
    started = [
        one.moments.rated[0] + (one.moments.rated[1] - one.moments.rated[0]) * share * 0.9
        for (one, _), share in zip(pairs, shares, strict=True)
    ]
    rows = [
        _rating_row(one, sheet, begun) for (one, sheet), begun in zip(pairs, started, strict=True)
    ]
    ids = insert_rows(Rating, rows)
    answers = [
        row
        for key, (one, sheet), begun in zip(ids, pairs, started, strict=True)
        for row in _answer_rows(key, one, sheet, begun, random)
    ]
    db.session.execute(insert(Answer), answers)


def _rating_row(one: LoadedAssessment, sheet: DrawnRating, begun: datetime) -> dict[str, Any]:
    rater = one.clinic.raters[sheet.rater]
    return one.clinic.owner | {
        "assessment_id": one.assessment_id,
        "person_id": rater.person_id,
        "job_role": rater.job_role,
        "source": "web",
        "started_at": begun,
        "submitted_at": _end_of(one, begun) if sheet.finished else None,
    }


def _end_of(one: LoadedAssessment, begun: datetime) -> datetime:
    return begun + min(timedelta(minutes=12), max(one.moments.rated[1] - begun, timedelta()))


def _answer_rows(
    rating_id: int,
    one: LoadedAssessment,
    sheet: DrawnRating,
    begun: datetime,
    random: np.random.Generator,
) -> Iterator[dict[str, Any]]:
    pace = (_end_of(one, begun) - begun) / max(len(sheet.answers), 1)
    for number, (key, answer) in enumerate(sheet.answers.items()):
        notes = NOTES[key]
        note = notes[int(random.integers(len(notes)))] if key in sheet.noted else ""
        yield (
            one.clinic.owner
            | _value(answer)
            | {
                "rating_id": rating_id,
                "milestone": key,
                "note": note,
                "revision": 1,
                "answered_at": begun + pace * number,
            }
        )


def _write_agreements(loaded: Sequence[LoadedAssessment], random: np.random.Generator) -> None:
    rows: list[dict[str, Any]] = []
    for one in loaded:
        for key, answer in one.drawn.agreed.items():
            rows.append(
                one.clinic.owner
                | _value(answer)
                | {
                    "assessment_id": one.assessment_id,
                    "milestone": key,
                    "rationale": _now_and_then(RATIONALES, 0.3, random),
                    "dissent": _now_and_then(DISSENTS, 0.05, random),
                    "agreed_at": one.moments.planned,
                }
            )
    db.session.execute(insert(AgreedLevel), rows)


def _owner(one: LoadedAssessment) -> dict[str, int]:
    return one.clinic.owner | {"assessment_id": one.assessment_id}


def _scores(instrument: Instrument, drawn: DrawnAssessment) -> list[AssessmentScores]:
    """As service.record_scores does it, from what was drawn instead of what was stored."""
    finished = [sheet.answers for sheet in drawn.ratings if sheet.finished]
    scores = [score_assessment(instrument, finished)]
    if drawn.agreed:
        scores.append(score_assessment(instrument, finished, drawn.agreed))
    return scores


def _value(answer: AnswerValue) -> dict[str, Any]:
    return {"state": answer.state.value, "level": answer.value}


def _now_and_then(texts: Sequence[str], share: float, random: np.random.Generator) -> str:
    return texts[int(random.integers(len(texts)))] if random.random() < share else ""
