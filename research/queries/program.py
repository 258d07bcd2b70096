"""Reads for the program page: which clinics a viewer may follow, and with which questionnaires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from accounts.models import Clinic, Organization
from accounts.permissions import may
from accounts.viewer import Scope, Viewer
from assess.models import Assessment, QuestionnaireVersion, State
from assess.quarters import Quarter
from core.db import db
from research.study import StudiedClinic
from research.suppressing import for_files, on_pages


@dataclass(frozen=True, slots=True)
class QuestionnaireUse:
    """How often the clinics asked for have results of a version of a questionnaire."""

    slug: str
    version: str
    version_id: int
    is_demo: bool
    assessments: int


def list_program_clinics(viewer: Viewer) -> tuple[StudiedClinic, ...]:
    """Clinics whose trends the viewer may see, by label. One statement."""
    columns = (
        Clinic.id, Clinic.name, Clinic.study_code, Clinic.organization_id, Clinic.state,
        Clinic.setting, Clinic.ehr, Clinic.clinician_fte, Clinic.baseline_quarter,
        Organization.name.label("organization"), Organization.is_demo,
    )  # fmt: skip
    rows = db.session.execute(
        select(*columns).join(Organization, Organization.id == Clinic.organization_id)
    )
    seen = [row for row in rows if may(viewer, "trends.view", Scope(row.organization_id, row.id))]
    # numbered as they came into the program, so that a code says nothing about the name
    owners = sorted({row.organization_id for row in seen})
    codes = {key: f"O{place:02d}" for place, key in enumerate(owners, 1)}
    found = []
    for row in seen:
        named = may(viewer, "clinic.names", Scope(row.organization_id, row.id))
        code = codes[row.organization_id]
        found.append(
            StudiedClinic(
                id=row.id,
                code=row.study_code,
                label=row.name if named else row.study_code,
                organization_id=row.organization_id,
                organization_code=code,
                organization=row.organization if named else f"Organization {code}",
                state=row.state,
                setting=row.setting,
                ehr=row.ehr,
                clinician_fte=row.clinician_fte,
                baseline=Quarter.parse(row.baseline_quarter) if row.baseline_quarter else None,
                is_demo=row.is_demo,
                is_named=named,
            )
        )
    return tuple(sorted(_told_apart(found), key=lambda clinic: (clinic.label, clinic.id)))


def _told_apart(clinics: Sequence[StudiedClinic]) -> list[StudiedClinic]:
    """Two organizations may each have a "Main Street" clinic: those get their code behind it."""
    names = Counter(clinic.label for clinic in clinics)
    return [
        replace(clinic, label=f"{clinic.label} ({clinic.code})")
        if names[clinic.label] > 1
        else clinic
        for clinic in clinics
    ]


def with_attributes(clinics: Sequence[StudiedClinic]) -> tuple[StudiedClinic, ...]:
    """The clinics with the attributes by which the viewer may choose and compare them."""
    files = for_files(clinics)
    return tuple(
        replace(clinic, attributes=on_pages(clinic, files[clinic.id]), coded=files[clinic.id])
        for clinic in clinics
    )


def list_questionnaires(clinic_ids: Sequence[int]) -> tuple[QuestionnaireUse, ...]:
    """Versions of questionnaires with revealed results in these clinics. One statement."""
    version = QuestionnaireVersion
    rows = db.session.execute(
        select(
            version.slug, version.version, version.id, Organization.is_demo,
            func.count(Assessment.id),
        )
        .join(Assessment, Assessment.questionnaire_version_id == version.id)
        .join(Organization, Organization.id == Assessment.organization_id)
        .where(Assessment.clinic_id.in_(clinic_ids), Assessment.state != State.OPEN)
        .group_by(version.slug, version.version, version.id, Organization.is_demo)
        .order_by(version.slug, version.id, Organization.is_demo)
    )  # fmt: skip
    return tuple(QuestionnaireUse(*row) for row in rows)
