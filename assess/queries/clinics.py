"""Reads for the pages about clinics: which ones a person has, one clinic with its quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from accounts.models import Clinic, Organization, Person, Role
from accounts.people.queries import in_reach
from accounts.program.reach import administered, covered, within
from accounts.viewer import Scope, Viewer
from assess.basis import basis_note, basis_words
from assess.models import OVERALL, Assessment, BlockScore, QuestionnaireVersion, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.queries.scores import is_preferred
from assess.scoring import Basis
from core.db import db
from core.errors import NotFound
from questionnaires.instrument import Status

RESULT_STATES = (State.REVEALED, State.AGREED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """A clinic in a list."""

    id: int
    name: str
    organization: str


@dataclass(frozen=True, slots=True)
class ClinicHead:
    """One clinic and whose it is."""

    id: int
    organization_id: int
    name: str
    organization: str

    @property
    def scope(self) -> Scope:
        return Scope(organization_id=self.organization_id, clinic_id=self.id)


@dataclass(frozen=True, slots=True)
class ClinicQuarter:
    """One assessment of a clinic; score and milestones met only after the reveal."""

    assessment_id: int
    questionnaire: str
    quarter: Quarter
    state: State
    overall: float | None
    met: int | None
    total: int
    status: Status | None
    minimum: int
    maximum: int
    basis: Basis | None
    raters: int | None

    @property
    def basis_words(self) -> str:
        """What the score rests on; empty without one."""
        return basis_words(self.basis, self.raters)


@dataclass(frozen=True, slots=True)
class ProgramCounts:
    """How large the program is."""

    organizations: int
    clinics: int
    people: int
    assessments: int


def chart_note(quarters: Sequence[ClinicQuarter]) -> str:
    """What the scores of these quarters (newest first) rest on, for the chart above them."""
    scored = [one for one in reversed(quarters) if one.overall is not None]
    return basis_note((one.quarter.label, one.basis) for one in scored)


def list_clinics(viewer: Viewer) -> Sequence[ClinicRow]:
    """The clinics in reach of the viewer's grants (other than researcher), by organization."""
    rows = db.session.execute(
        select(Clinic.id, Clinic.name, Organization.name.label("organization"))
        .join(Organization, Organization.id == Clinic.organization_id)
        .where(Clinic.archived_at.is_(None), _in_reach(viewer))
        .order_by(Organization.name, Clinic.name, Clinic.id)
    )
    return [ClinicRow(row.id, row.name, row.organization) for row in rows]


def get_clinic(clinic_id: int) -> ClinicHead:
    """The clinic. Raises NotFound."""
    row = db.session.execute(
        select(
            Clinic.id,
            Clinic.organization_id,
            Clinic.name,
            Organization.name.label("organization"),
        )
        .join(Organization, Organization.id == Clinic.organization_id)
        .where(Clinic.id == clinic_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This clinic does not exist. Go to the start page and look from there.")
    return ClinicHead(row.id, row.organization_id, row.name, row.organization)


def list_quarters(clinic_id: int) -> Sequence[ClinicQuarter]:
    """All assessments of the clinic, newest first, with the overall score once it is shown."""
    overall = (
        select(
            BlockScore.assessment_id,
            BlockScore.score,
            BlockScore.met,
            BlockScore.basis,
            BlockScore.raters,
        )
        .where(BlockScore.block == OVERALL, BlockScore.clinic_id == clinic_id, is_preferred())
        .subquery()
    )
    rows = db.session.execute(
        select(
            Assessment.id,
            Assessment.quarter,
            Assessment.state,
            Assessment.questionnaire_version_id,
            overall.c.score,
            overall.c.met,
            overall.c.basis,
            overall.c.raters,
        )
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assessment.questionnaire_version_id)
        .outerjoin(
            overall,
            (overall.c.assessment_id == Assessment.id) & Assessment.state.in_(RESULT_STATES),
        )
        .where(Assessment.clinic_id == clinic_id)
        .order_by(Assessment.quarter.desc(), Assessment.questionnaire, Assessment.id)
    ).all()
    return [_clinic_quarter(*row) for row in rows]


def count_program(viewer: Viewer) -> ProgramCounts:
    """What an administrator has: organizations, open clinics, people, assessments (1 statement)."""
    reach = administered(viewer)
    counts = (
        select(func.count(Organization.id)).where(within(Organization.id, reach)),
        select(func.count(Clinic.id)).where(
            within(Clinic.organization_id, reach), Clinic.archived_at.is_(None)
        ),
        select(func.count(Person.id)).where(in_reach(reach), Person.disabled_at.is_(None)),
        select(func.count(Assessment.id)).where(within(Assessment.organization_id, reach)),
    )
    counted = db.session.execute(select(*[one.scalar_subquery() for one in counts])).one()
    return ProgramCounts(*counted)


def _clinic_quarter(
    assessment_id: int,
    quarter: str,
    state: str,
    version_id: int,
    score: float | None,
    met: int | None,
    basis: str | None,
    raters: int | None,
) -> ClinicQuarter:
    instrument = get_instrument(version_id)
    scale = instrument.blocks[0].scale
    return ClinicQuarter(
        assessment_id=assessment_id,
        questionnaire=instrument.title,
        quarter=Quarter.parse(quarter),
        state=State(state),
        overall=score,
        met=met,
        total=len(instrument.milestones),
        status=None if score is None else scale.status(score),
        minimum=scale.minimum,
        maximum=scale.maximum,
        basis=None if basis is None else Basis(basis),
        raters=raters,
    )


def _in_reach(viewer: Viewer) -> ColumnElement[bool]:
    """SQL for `any grant covers the clinic`; researchers see no clinic by name."""
    grants = [grant for grant in viewer.grants if grant.role is not Role.RESEARCHER]
    return covered(grants, clinic=Clinic.id, organization=Clinic.organization_id)
