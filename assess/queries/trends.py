"""Reads for the program page: which clinics a viewer may follow, and their scores by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select

from accounts.models import Clinic, Organization
from accounts.permissions import may
from accounts.viewer import Scope, Viewer
from assess.models import Assessment, BlockScore, State
from assess.program import OVERALL, ClinicScore, analyse_program, default_quarters
from assess.quarters import Quarter
from assess.queries.scores import is_preferred
from assess.scoring import Basis
from core.db import db

# thousands of scores share a few quarters and bases
_quarter = lru_cache(maxsize=512)(Quarter.parse)
_basis = lru_cache(maxsize=len(Basis))(Basis)


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


def list_clinic_scores(clinic_ids: Sequence[int], questionnaire: str) -> tuple[ClinicScore, ...]:
    """All scores of these clinics from the reveal on, of the preferred basis. One statement."""
    rows = db.session.execute(
        select(
            Assessment.clinic_id,
            Assessment.quarter,
            BlockScore.block,
            BlockScore.score,
            BlockScore.basis,
        )
        .join(BlockScore, BlockScore.assessment_id == Assessment.id)
        .where(
            Assessment.clinic_id.in_(clinic_ids),
            Assessment.questionnaire == questionnaire,
            Assessment.state != State.OPEN,
            BlockScore.score.is_not(None),
            is_preferred(),
        )
        .order_by(Assessment.quarter, Assessment.clinic_id, BlockScore.block)
    )
    return tuple(
        ClinicScore(clinic_id, _quarter(quarter), block, score, _basis(basis))
        for clinic_id, quarter, block, score, basis in rows
        if score is not None
    )


def get_headline(clinic_ids: Sequence[int], questionnaire: str) -> str:
    """What the program page would say about these clinics, as text of a few lines.

    For commands that have just brought scores in. One statement.
    """
    from assess.trends import apa, report

    scores = list_clinic_scores(clinic_ids, questionnaire)
    quarters = default_quarters(scores)
    if not quarters:
        return "No overall scores yet, so there is no trend to show."
    program = analyse_program(scores, (), first=quarters[0], last=quarters[-1], block=OVERALL)
    analysis = program.analysis
    return "\n".join(
        (
            f"{quarters[0].label} to {quarters[-1].label}, overall score. "
            f"{report.change_sentence(program.observations, analysis)}",
            f"Repeated-measures ANOVA (same clinics): {apa.repeated_measures(analysis.rm_anova)}",
            "One-way ANOVA (treats every quarter as different clinics): "
            f"{apa.one_way(analysis.oneway_independent)}",
        )
    )
