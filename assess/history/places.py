"""Finds the organizations and clinics that a history names, and adds the ones not there yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from accounts.models import Clinic, Organization
from assess.history.reading import PastAssessment
from core import clock
from core.db import db

_CODE = "IMP-"
"""Study codes of imported clinics are this and a number."""


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic of the program, by id."""

    organization_id: int
    clinic_id: int


@dataclass(frozen=True, slots=True)
class Places:
    """Places by the names a history uses for organization and clinic, and how many are new."""

    places: Mapping[tuple[str, str], Place]
    new_organizations: int
    new_clinics: int


def keep_places(assessments: Sequence[PastAssessment]) -> Places:
    """The place of every clinic, named by its name or study code in its organization.

    Capital letters make no difference; clinics not there yet are added.
    """
    organizations, new_organizations = _keep_organizations(
        dict.fromkeys(past.organization for past in assessments)
    )
    known = _clinics_of(organizations.values())
    firsts: dict[tuple[str, str], PastAssessment] = {}
    for past in assessments:  # in the order of quarters, so the first is the baseline
        firsts.setdefault((past.organization, past.clinic), past)
    new = {
        names: past
        for names, past in firsts.items()
        if (organizations[names[0]], names[1].casefold()) not in known
    }
    if new:
        _add_clinics(new.values(), organizations)
        known = _clinics_of(organizations.values())
    places = {}
    for organization, clinic in firsts:
        organization_id = organizations[organization]
        clinic_id = known[organization_id, clinic.casefold()]
        places[organization, clinic] = Place(organization_id, clinic_id)
    return Places(places, new_organizations, len(new))


def _keep_organizations(names: Iterable[str]) -> tuple[dict[str, int], int]:
    """Ids by name, and how many organizations were added."""
    known = {
        name.casefold(): key
        for key, name in db.session.execute(
            select(Organization.id, Organization.name).order_by(Organization.id.desc())
        )
    }
    found: dict[str, int] = {}
    added = 0
    for name in names:
        if name.casefold() not in known:
            organization = Organization(name=name, is_demo=False, created_at=clock.now())
            db.session.add(organization)
            db.session.flush()
            known[name.casefold()] = organization.id
            added += 1
        found[name] = known[name.casefold()]
    return found, added


def _clinics_of(organization_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Clinics by organization and name or study code; where both exist, the name counts."""
    rows = db.session.execute(
        select(Clinic.organization_id, Clinic.name, Clinic.study_code, Clinic.id)
        .where(Clinic.organization_id.in_(set(organization_ids)))
        .order_by(Clinic.id.desc())
    ).all()
    by_code = {(row.organization_id, row.study_code.casefold()): row.id for row in rows}
    return by_code | {(row.organization_id, row.name.casefold()): row.id for row in rows}


def _add_clinics(firsts: Iterable[PastAssessment], organizations: Mapping[str, int]) -> None:
    codes = db.session.scalars(select(Clinic.study_code).where(Clinic.study_code.startswith(_CODE)))
    numbers = [int(code.removeprefix(_CODE)) for code in codes if code[len(_CODE) :].isdecimal()]
    start = max(numbers, default=0) + 1
    rows = [
        {
            "organization_id": organizations[past.organization],
            "name": past.clinic,
            "study_code": f"{_CODE}{number:03d}",
            "setting": past.setting or None,
            "baseline_quarter": str(past.quarter),
        }
        for number, past in enumerate(firsts, start)
    ]
    db.session.execute(insert(Clinic), rows)
