"""Puts a program of clinics with imported scores into the database, a few statements in all."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import insert

from accounts import service as accounts_service
from accounts.models import Clinic, Organization
from assess.answered_texts import keep_questionnaire
from assess.models import Assessment, BlockScore, State
from assess.quarters import Quarter
from assess.rollup.making import imported_rollup, rollup_row
from assess.rollup.models import AssessmentRollup
from assess.scoring import Basis
from core import clock
from core.db import db
from questionnaires import catalog

CASES = Path(__file__).parents[2] / "cases"
Row = tuple[str, str, str, float]
"""Organization, clinic, quarter, score: the same score for every block and overall."""


def rows_of_case(name: str, first: str = "2025Q1") -> list[Row]:
    """A statistics case as history: time 1 is the first quarter, empty values are left out."""
    with (CASES / name / "data.csv").open(encoding="utf-8", newline="") as file:
        return [
            (
                f"Organization {row.get('org', '1')}",
                f"Clinic {row['subject']}",
                str(Quarter.parse(first) + (int(row["time"]) - 1)),
                float(row["value"]),
            )
            for row in csv.DictReader(file)
            if row["value"]
        ]


def store(
    rows: Iterable[Row],
    *,
    demo: bool = False,
    questionnaire: str = "six_building_blocks",
    state: State = State.CLOSED,
    only_blocks: tuple[str, ...] | None = None,
) -> None:
    """Write the scores and commit; organizations and clinics are made as they come."""
    instrument = catalog.get(questionnaire)
    version = keep_questionnaire(instrument)
    blocks = only_blocks or ("overall", *(block.id for block in instrument.blocks))
    clinics: dict[tuple[str, str], Clinic] = {}
    organizations: dict[str, Organization] = {}
    scores = []
    rollups = []
    for organization, name, quarter, score in rows:
        if organization not in organizations:
            organizations[organization] = accounts_service.create_organization(name=organization)
            organizations[organization].is_demo = demo
        owner = organizations[organization]
        if (organization, name) not in clinics:
            code = f"{organization[-1]}-{name.split()[-1]}{'D' if demo else ''}"
            clinics[organization, name] = accounts_service.create_clinic(
                organization=owner, name=name, study_code=code, baseline_quarter=quarter
            )
        clinic = clinics[organization, name]
        whose = {"organization_id": owner.id, "clinic_id": clinic.id}
        assessment = Assessment(
            **whose, questionnaire=questionnaire, questionnaire_version_id=version,
            quarter=quarter, state=state, source="imported", opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(assessment)
        db.session.flush()
        for block in blocks:
            scores.append(
                {**whose, "assessment_id": assessment.id, "block": block,
                 "basis": Basis.IMPORTED, "score": score}
            )  # fmt: skip
        rollup = imported_rollup(
            instrument,
            {block.id: score for block in instrument.blocks if block.id in blocks},
            score if "overall" in blocks else None,
        )
        rollups.append(
            {**whose, "assessment_id": assessment.id, "questionnaire": questionnaire,
             "questionnaire_version_id": version, "quarter": quarter, **rollup_row(rollup)}
        )  # fmt: skip
    db.session.execute(insert(BlockScore), scores)
    if state is not State.OPEN:
        db.session.execute(insert(AssessmentRollup), rollups)
    db.session.commit()
