"""Reads the clinics for which somebody may open an assessment, with what each has already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from accounts.models import Clinic, Organization
from accounts.viewer import Viewer
from assess.models import Assessment, State
from assess.quarters import Quarter
from assess.queries.asked import raters_each
from assess.queries.instruments import get_instrument
from assess.queries.running import follows
from core.db import db


@dataclass(frozen=True, slots=True)
class Held:
    """An assessment that a clinic has in a quarter."""

    questionnaire: str
    title: str
    state: State


@dataclass(frozen=True, slots=True)
class Openable:
    """A clinic for which the viewer may open an assessment, and what it has already.

    `people` have an account there and would be asked. `has` are its assessments of the quarter
    asked for, `had` those of the quarter before.
    """

    id: int
    organization_id: int
    name: str
    organization: str
    is_archived: bool
    people: int
    has: tuple[Held, ...]
    had: tuple[Held, ...]

    def held(self, questionnaire: str) -> Held | None:
        """What it has of this questionnaire in the quarter."""
        return next((one for one in self.has if one.questionnaire == questionnaire), None)


def list_openable(
    viewer: Viewer, quarter: Quarter, *, clinic_ids: Collection[int] | None = None
) -> Sequence[Openable]:
    """Clinics by organization and name with what they have in the quarter (one statement).

    All that are open; or those named, archived ones too.
    """
    wanted = Clinic.archived_at.is_(None) if clinic_ids is None else Clinic.id.in_(clinic_ids)
    raters = raters_each()
    near = (str(quarter), str(quarter - 1))
    rows = db.session.execute(
        select(
            Clinic.id,
            Clinic.organization_id,
            Clinic.name,
            Clinic.archived_at,
            Organization.name.label("organization"),
            func.coalesce(raters.c.people, 0).label("people"),
            Assessment.questionnaire,
            Assessment.questionnaire_version_id,
            Assessment.quarter,
            Assessment.state,
        )
        .join(Organization, Organization.id == Clinic.organization_id)
        .outerjoin(raters, raters.c.clinic_id == Clinic.id)
        .outerjoin(
            Assessment, and_(Assessment.clinic_id == Clinic.id, Assessment.quarter.in_(near))
        )
        .where(follows(viewer), wanted)
        .order_by(Organization.name, Clinic.name, Clinic.id, Assessment.id)
    )
    held: dict[int, dict[str, list[Held]]] = defaultdict(lambda: defaultdict(list))
    clinics = {}
    for row in rows:
        clinics[row.id] = row
        if row.questionnaire is not None:
            title = get_instrument(row.questionnaire_version_id).title
            held[row.id][row.quarter].append(Held(row.questionnaire, title, State(row.state)))
    return [
        Openable(
            id=row.id,
            organization_id=row.organization_id,
            name=row.name,
            organization=row.organization,
            is_archived=row.archived_at is not None,
            people=row.people,
            has=tuple(held[row.id][near[0]]),
            had=tuple(held[row.id][near[1]]),
        )
        for row in clinics.values()
    ]
