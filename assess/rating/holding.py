"""The rating that somebody changes, held against their other tabs until the transaction ends."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from accounts import wall
from accounts.models import Clinic
from accounts.program.organizations import Archived
from accounts.viewer import Scope
from assess.holding import share_by_rating
from assess.models import Assessment, Rating, State
from assess.queries.instruments import get_instrument
from core.errors import NotFound
from questionnaires.instrument import Instrument

# built once: putting a statement together costs more than running it
_FOR_CHANGE = (
    select(
        Rating.assessment_id,
        Rating.organization_id,
        Rating.clinic_id,
        Rating.person_id,
        Rating.submitted_at,
        Assessment.state,
        Assessment.questionnaire_version_id,
        Clinic.archived_at,
    )
    .join(Assessment, Assessment.id == Rating.assessment_id)
    .join(Clinic, Clinic.id == Rating.clinic_id)
    .where(Rating.id == bindparam("rating_id"))
    # whoever waited here for another tab must see that the sheet was finished in the meantime
    .with_for_update(of=Rating, key_share=True)
)


@dataclass(frozen=True, slots=True)
class RatingTarget:
    """The rating a change is meant for, and what decides whether the change may happen."""

    rating_id: int
    assessment_id: int
    organization_id: int
    clinic_id: int
    person_id: int | None
    state: State
    is_finished: bool
    instrument: Instrument

    @property
    def scope(self) -> Scope:
        return Scope(
            organization_id=self.organization_id,
            clinic_id=self.clinic_id,
            person_id=self.person_id,
            assessment_id=self.assessment_id,
            rating_id=self.rating_id,
        )


def hold_rating(rating_id: int) -> RatingTarget:
    """The rating, held until the transaction ends, and its assessment shared with other raters.

    A reveal waits for whoever is saving: what was acknowledged is in its scores, and nothing is
    acknowledged after it. One statement, two on PostgreSQL.
    Raises NotFound when there is no such rating, and Archived when its clinic is.
    """
    share_by_rating(rating_id)
    row = wall.execute(_FOR_CHANGE, {"rating_id": rating_id}).one_or_none()
    if row is None:
        raise NotFound("This rating does not exist. Open it from your clinic's page.")
    if row.archived_at is not None:
        raise Archived("Nobody can rate in it now. Ask your administrator to restore it.")
    return RatingTarget(
        rating_id=rating_id,
        assessment_id=row.assessment_id,
        organization_id=row.organization_id,
        clinic_id=row.clinic_id,
        person_id=row.person_id,
        state=State(row.state),
        is_finished=row.submitted_at is not None,
        instrument=get_instrument(row.questionnaire_version_id),
    )
