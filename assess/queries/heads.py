"""What every page about one assessment reads first: whose it is, its state, how many have rated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from accounts.models import Clinic
from accounts.viewer import Scope
from assess.models import Assessment, Rating, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from core.db import db
from core.errors import NotFound
from questionnaires.instrument import Instrument


@dataclass(frozen=True, slots=True)
class AssessmentHead:
    """What every page about an assessment needs before it knows whether to show more."""

    id: int
    organization_id: int
    clinic_id: int
    clinic_name: str
    quarter: Quarter
    state: State
    due_on: date | None
    instrument: Instrument
    started: int
    finished: int

    @property
    def scope(self) -> Scope:
        return Scope(
            organization_id=self.organization_id, clinic_id=self.clinic_id, assessment_id=self.id
        )

    @property
    def is_revealed(self) -> bool:
        return self.state is not State.OPEN


def get_assessment_head(assessment_id: int) -> AssessmentHead:
    """The assessment with the number of started and finished ratings (one statement, or two).

    Raises NotFound.
    """
    ratings = select(func.count(Rating.id)).where(Rating.assessment_id == assessment_id)
    row = db.session.execute(
        select(
            Assessment,
            Clinic.name.label("clinic_name"),
            ratings.scalar_subquery().label("started"),
            ratings.where(Rating.submitted_at.is_not(None)).scalar_subquery().label("finished"),
        )
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .where(Assessment.id == assessment_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This assessment does not exist. Open it from your clinic's page.")
    assessment: Assessment = row.Assessment
    return AssessmentHead(
        id=assessment.id,
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        clinic_name=row.clinic_name,
        quarter=Quarter.parse(assessment.quarter),
        state=State(assessment.state),
        due_on=assessment.due_on,
        instrument=get_instrument(assessment.questionnaire_version_id),
        started=row.started,
        finished=row.finished,
    )
