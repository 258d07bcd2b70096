"""Writes a checked history into the program as closed assessments, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assess.answered_texts import keep_questionnaire
from assess.history.places import Place, keep_places
from assess.history.reading import History, PastAssessment
from assess.history.scores import Scored, score_past
from assess.models import AgreedLevel, Assessment, BlockScore, State
from assess.rollup.making import rollup_row
from assess.rollup.models import AssessmentRollup
from core import audit, clock
from core.db import db
from core.errors import Conflict
from core.table_file import FileProblem, TableFileError
from questionnaires.instrument import Instrument

_AT_ONCE = 500
"""Assessments written between two steps of the progress bar: some 17,000 rows."""

Progress = Callable[[int], None]
Existing = Mapping[tuple[int, str], tuple[int, str]]
"""(id, source) of assessments by clinic id and quarter."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote: whose assessments, how many stood there before, and what is new."""

    organization_ids: tuple[int, ...]
    clinic_ids: tuple[int, ...]
    replaced: int
    new_organizations: int
    new_clinics: int


def import_history(
    history: History, *, replace: bool = False, progress: Progress = lambda _: None
) -> Imported:
    """Store a history; organizations and clinics it names for the first time are added.

    `progress` is told of every assessment twice: when its scores are computed and when it is
    written. Raises TableFileError for assessments that exist already, unless they come from an
    earlier import and `replace` is set; Conflict when someone else adds the same ones meanwhile.
    """
    # scores first: they take the longest, and nobody waits for the database meanwhile
    scored = tuple(_score_all(history, progress))
    try:
        places = keep_places(history.assessments)
        existing = _existing(history.instrument, places.places.values())
        _refuse_existing(history.assessments, places.places, existing, replace)
        version_id = keep_questionnaire(history.instrument)
        replaced = 0
        for start in range(0, len(scored), _AT_ONCE):
            part = scored[start : start + _AT_ONCE]
            replaced += _write(part, places.places, existing, history.instrument, version_id)
            progress(len(part))
    except IntegrityError as error:
        raise Conflict("Someone added the same clinics or quarters just now. Try again.") from error
    _note(history, places.places, replaced)
    return Imported(
        organization_ids=tuple(sorted({one.organization_id for one in places.places.values()})),
        clinic_ids=tuple(sorted(one.clinic_id for one in places.places.values())),
        replaced=replaced,
        new_organizations=places.new_organizations,
        new_clinics=places.new_clinics,
    )


def _note(history: History, places: Mapping[tuple[str, str], Place], replaced: int) -> None:
    """One line in the audit log of each organization."""
    instrument = history.instrument
    for organization_id in sorted({place.organization_id for place in places.values()}):
        own = [
            past
            for past in history.assessments
            if places[past.organization, past.clinic].organization_id == organization_id
        ]
        audit.record(
            "scores.imported",
            subject=f"{len(own)} past quarters of organization {organization_id}",
            organization_id=organization_id,
            after={
                "questionnaire": f"{instrument.slug} {instrument.version}",
                "clinics": len({past.clinic for past in own}),
                "replaced in the whole file": replaced,
            },
        )


def _score_all(history: History, progress: Progress) -> list[Scored]:
    scored = []
    for past in history.assessments:
        scored.append(score_past(history.instrument, past))
        progress(1)
    return scored


def _existing(instrument: Instrument, places: Iterable[Place]) -> Existing:
    """The assessments that some clinics have with this questionnaire."""
    rows = db.session.execute(
        select(Assessment.clinic_id, Assessment.quarter, Assessment.id, Assessment.source).where(
            Assessment.questionnaire == instrument.slug,
            Assessment.clinic_id.in_({place.clinic_id for place in places}),
        )
    )
    return {(row.clinic_id, row.quarter): (row.id, row.source) for row in rows}


def _refuse_existing(
    assessments: Sequence[PastAssessment],
    places: Mapping[tuple[str, str], Place],
    existing: Existing,
    replace: bool,
) -> None:
    problems = []
    for past in assessments:
        place = places[past.organization, past.clinic]
        _, source = existing.get((place.clinic_id, str(past.quarter)), (0, ""))
        if source and not (replace and source == "imported"):
            problems.append(_exists(past, source))
    if problems:
        raise TableFileError(tuple(sorted(problems, key=lambda problem: problem.line)))


def _exists(past: PastAssessment, source: str) -> FileProblem:
    name = f"{past.clinic} already has {past.quarter.label}"
    if source == "imported":
        fix = "Add --replace to put this file in its place."
        return FileProblem(past.line, f"{name} from an earlier import.", fix)
    fix = "Take these rows out: what people answered here is never replaced."
    return FileProblem(past.line, f"{name}, rated in Blockwise.", fix)


def _write(
    part: Sequence[Scored],
    places: Mapping[tuple[str, str], Place],
    existing: Existing,
    instrument: Instrument,
    version_id: int,
) -> int:
    """Write some assessments with their levels and scores; how many were there before."""
    owners = [places[one.past.organization, one.past.clinic] for one in part]
    slots = [
        (owner.clinic_id, str(one.past.quarter)) for one, owner in zip(part, owners, strict=True)
    ]
    replaced = [existing[slot][0] for slot in slots if slot in existing]
    _clear(replaced, version_id)
    _insert_assessments(
        [
            (owner, slot[1])
            for owner, slot in zip(owners, slots, strict=True)
            if slot not in existing
        ],
        instrument,
        version_id,
    )
    ids = _existing(instrument, owners)
    levels: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    rollups: list[dict[str, Any]] = []
    for one, owner, slot in zip(part, owners, slots, strict=True):
        key = {
            "assessment_id": ids[slot][0],
            "organization_id": owner.organization_id,
            "clinic_id": owner.clinic_id,
        }
        levels += _level_rows(key, one.past)
        scores += [{**key, **row} for row in one.rows]
        about = {
            "questionnaire": instrument.slug,
            "questionnaire_version_id": version_id,
            "quarter": slot[1],
        }
        rollups.append({**key, **about, **rollup_row(one.rollup)})
    if levels:
        db.session.execute(insert(AgreedLevel), levels)
    db.session.execute(insert(BlockScore), scores)
    db.session.execute(insert(AssessmentRollup), rollups)
    return len(replaced)


def _clear(assessment_ids: Sequence[int], version_id: int) -> None:
    """Empty earlier imports; the assessments themselves stay, since plans may refer to them."""
    if not assessment_ids:
        return
    for model in (AgreedLevel, BlockScore, AssessmentRollup):
        db.session.execute(delete(model).where(model.assessment_id.in_(assessment_ids)))
    db.session.execute(
        update(Assessment)
        .where(Assessment.id.in_(assessment_ids))
        .values(questionnaire_version_id=version_id)
    )


def _insert_assessments(
    slots: Sequence[tuple[Place, str]], instrument: Instrument, version_id: int
) -> None:
    """Add closed assessments, one for each clinic and quarter.

    The moments are those of the import: the file knows the quarter, not the day.
    """
    if not slots:
        return
    now = clock.now()
    rows = [
        {
            "organization_id": owner.organization_id,
            "clinic_id": owner.clinic_id,
            "questionnaire": instrument.slug,
            "questionnaire_version_id": version_id,
            "quarter": quarter,
            "state": State.CLOSED.value,
            "source": "imported",
            "opened_at": now,
            "revealed_at": now,
            "agreed_at": now,
            "closed_at": now,
        }
        for owner, quarter in slots
    ]
    db.session.execute(insert(Assessment), rows)


def _level_rows(key: Mapping[str, int], past: PastAssessment) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            **key,
            "milestone": milestone,
            "state": answer.state.value,
            "level": answer.value,
            "agreed_at": now,
        }
        for milestone, answer in past.answers.items()
    ]
