"""Reads one clinic for its trend: who it is, its questionnaires and its scores."""

from __future__ import annotations

from sqlalchemy import select

from accounts.models import Clinic, Organization
from accounts.viewer import Scope
from assess.quarters import Quarter
from core.db import db
from core.errors import NotFound
from research.study import StudiedClinic


def get_clinic(clinic_id: int) -> StudiedClinic:
    """The clinic by name, for people who work in it or look after it. Raises NotFound."""
    row = db.session.execute(
        select(Clinic, Organization.name, Organization.is_demo)
        .join(Organization, Organization.id == Clinic.organization_id)
        .where(Clinic.id == clinic_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This clinic does not exist. Go to the start page and look from there.")
    clinic, organization, is_demo = row
    return StudiedClinic(
        id=clinic.id,
        code=clinic.study_code,
        label=clinic.name,
        organization_id=clinic.organization_id,
        organization_code="O01",
        organization=organization,
        state=clinic.state,
        setting=clinic.setting,
        ehr=clinic.ehr,
        clinician_fte=clinic.clinician_fte,
        baseline=Quarter.parse(clinic.baseline_quarter) if clinic.baseline_quarter else None,
        is_demo=is_demo,
        is_named=True,
    )


def scope_of(clinic: StudiedClinic) -> Scope:
    """What a permission on the clinic is asked for."""
    return Scope(clinic.organization_id, clinic.id)
