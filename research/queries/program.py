"""Reads for the program page: which clinics a viewer may follow, and with which questionnaires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from accounts.models import Clinic, Organization
from accounts.permissions import may
from accounts.viewer import Scope, Viewer
from assess.models import Assessment, State
from core.db import db


@dataclass(frozen=True, slots=True)
class ProgramClinic:
    """A clinic on the program page; `label` is its name, or its study code for researchers."""

    id: int
    label: str
    organization_id: int
    organization: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class QuestionnaireUse:
    """How often the clinics asked for have results of a questionnaire, and its newest version."""

    slug: str
    version_id: int
    is_demo: bool
    assessments: int


def list_program_clinics(viewer: Viewer) -> tuple[ProgramClinic, ...]:
    """Clinics whose trends the viewer may see, by label. One statement."""
    rows = db.session.execute(
        select(
            Clinic.id, Clinic.name, Clinic.study_code, Clinic.organization_id,
            Organization.name.label("organization"), Organization.is_demo,
        ).join(Organization, Organization.id == Clinic.organization_id)
    )  # fmt: skip
    found = []
    for row in rows:
        scope = Scope(row.organization_id, row.id)
        if not may(viewer, "trends.view", scope):
            continue
        named = may(viewer, "clinic.names", scope)
        organization = row.organization if named else f"Organization {row.organization_id}"
        label = row.name if named else row.study_code
        found.append(ProgramClinic(row.id, label, row.organization_id, organization, row.is_demo))
    return tuple(sorted(found, key=lambda clinic: (clinic.label, clinic.id)))


def list_questionnaires(clinic_ids: Sequence[int]) -> tuple[QuestionnaireUse, ...]:
    """Questionnaires with revealed results in these clinics, most used first. One statement."""
    count = func.count(Assessment.id)
    rows = db.session.execute(
        select(
            Assessment.questionnaire,
            func.max(Assessment.questionnaire_version_id),
            Organization.is_demo,
            count,
        )
        .join(Organization, Organization.id == Assessment.organization_id)
        .where(Assessment.clinic_id.in_(clinic_ids), Assessment.state != State.OPEN)
        .group_by(Assessment.questionnaire, Organization.is_demo)
        .order_by(count.desc(), Assessment.questionnaire, Organization.is_demo)
    )
    return tuple(QuestionnaireUse(slug, version, demo, uses) for slug, version, demo, uses in rows)
