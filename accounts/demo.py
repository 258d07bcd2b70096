"""The fictional organizations, clinics and people of the demonstration program.

Nobody in here exists. Every name says so, addresses end in the reserved example domains, and
nobody has a password: the five demo people sign in by link, and only in demo mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from accounts.models import Clinic, Grant, Organization, Person, Role
from core import clock
from core.db import db


@dataclass(frozen=True, slots=True)
class DemoRater:
    """A fictional colleague and the job role of the ratings."""

    person_id: int
    name: str
    job_role: str


@dataclass(frozen=True, slots=True)
class DemoClinic:
    """A fictional clinic with its raters; the first of them leads it."""

    organization_id: int
    clinic_id: int
    name: str
    raters: tuple[DemoRater, ...]

    @property
    def owner(self) -> dict[str, int]:
        """The columns that say whose a row is."""
        return {"organization_id": self.organization_id, "clinic_id": self.clinic_id}


_ORGANIZATIONS = (
    ("Fictional Valley Health", "WA", "rural", "EHR A"),
    ("Imaginary Lakes Care", "WA", "small town", "EHR B"),
    ("Pretend Prairie Clinics", "ID", "rural", "EHR A"),
    ("Storybook River Health", "ID", "small town", "EHR C"),
    ("Make-Believe Mountain Care", "OR", "rural", "EHR B"),
    ("Sample City Family Medicine", "OR", "urban", "EHR C"),
)
# organization, clinician full-time equivalents, raters beside the demo people
_CLINICS = (
    ("Aspen", 0, 5.0, 5), ("Birch", 0, 3.4, 5), ("Cedar", 0, 7.4, 15), ("Dogwood", 0, 2.6, 4),
    ("Elder", 1, 4.2, 6), ("Fir", 1, 6.1, 7), ("Ginkgo", 1, 3.0, 5), ("Hazel", 1, 5.5, 6),
    ("Ironwood", 2, 2.8, 4), ("Juniper", 2, 4.8, 6), ("Katsura", 2, 3.6, 5),
    ("Larch", 3, 6.6, 8), ("Maple", 3, 3.9, 5), ("Nutmeg", 3, 5.2, 7),
    ("Oak", 4, 2.9, 4), ("Pine", 4, 4.4, 6), ("Quince", 4, 3.2, 5),
    ("Redwood", 5, 7.0, 9), ("Spruce", 5, 5.8, 7), ("Tamarack", 5, 4.0, 6),
)  # fmt: skip
_INDEXES = range(len(_CLINICS))
_DEMO_CLINIC = 0
_COACHED_ORGANIZATIONS = (0, 2)
_LARGE_TEAM = 2
"""A clinic whose two job roles are each large enough to be shown apart (five people and more)."""
_FIRST_NAMES = (
    "Alex", "Blake", "Casey", "Dana", "Emery", "Finley", "Gray", "Harper",
    "Indigo", "Jamie", "Kai", "Lane", "Marlow", "Nico", "Oakley", "Parker",
)  # fmt: skip
_JOB_ROLES = (
    "Physician", "Medical assistant", "Nurse", "Clinic manager", "Nurse practitioner or PA",
    "Front desk", "Behavioral health", "Pharmacist", "Care coordinator",
)  # fmt: skip


def is_loaded() -> bool:
    """Whether the demonstration program is in the database."""
    return (
        db.session.scalar(select(Organization.id).where(Organization.is_demo).limit(1)) is not None
    )


def load_people(*, baseline_quarter: str) -> tuple[DemoClinic, ...]:
    """Write organizations, clinics, people and roles; the demo lead's clinic comes first."""
    organizations = insert_rows(
        Organization,
        [{"name": name, "is_demo": True, "created_at": clock.now()} for name, *_ in _ORGANIZATIONS],
    )
    sites = [_site(at, organizations) | {"baseline_quarter": baseline_quarter} for at in _INDEXES]
    clinics = insert_rows(Clinic, sites)
    staff = [_staff(at) for at in _INDEXES]
    people = iter(insert_rows(Person, [_person(row) for rows in staff for row in rows]))
    result = tuple(
        DemoClinic(
            organization_id=site["organization_id"],
            clinic_id=clinic,
            name=site["name"],
            raters=tuple(DemoRater(next(people), row["name"], row["job_role"]) for row in rows),
        )
        for site, clinic, rows in zip(sites, clinics, staff, strict=True)
    )
    _grant_roles(result, organizations)
    return result


def insert_rows(model: type[Any], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert many rows in few statements; their ids in the same order."""
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows)) if rows else []


def _site(at: int, organizations: Sequence[int]) -> dict[str, Any]:
    name, organization, fte, _ = _CLINICS[at]
    _, state, setting, ehr = _ORGANIZATIONS[organization]
    return {
        "organization_id": organizations[organization],
        "name": f"{name} Demo Clinic",
        "study_code": f"DEMO-{at + 1:02d}",
        "state": state,
        "setting": setting,
        "ehr": ehr,
        "clinician_fte": fte,
    }


def _staff(at: int) -> list[dict[str, str]]:
    """The raters of a clinic, its lead first; the demo clinic's lead and member are demo people."""
    rows = []
    if at == _DEMO_CLINIC:
        rows = [_demo_person(Role.LEAD, "Clinic manager"), _demo_person(Role.MEMBER, "Nurse")]
    tree, _, _, raters = _CLINICS[at]
    for number in range(raters):
        first = _FIRST_NAMES[(at * 3 + number) % len(_FIRST_NAMES)]
        rows.append(
            {
                "name": f"{first} {tree}-Example",
                "email": f"{first}.{tree}@example.com".lower(),
                "job_role": _job_role(at, number, raters),
            }
        )
    return rows


def _job_role(at: int, number: int, raters: int) -> str:
    if at == _LARGE_TEAM:
        return "Physician" if number <= raters // 2 else "Medical assistant"
    return _JOB_ROLES[(at + number) % len(_JOB_ROLES)]


def _demo_person(role: Role, job_role: str = "") -> dict[str, str]:
    name = f"Demo {role.value} (fictional)"
    return {"name": name, "email": f"{role.value}@example.org", "job_role": job_role}


def _person(row: dict[str, str]) -> dict[str, Any]:
    return {
        "email": row["email"],
        "name": row["name"],
        "job_role": row["job_role"] or None,
        "is_demo": True,
        "created_at": clock.now(),
    }


def _grant_roles(clinics: Sequence[DemoClinic], organizations: Sequence[int]) -> None:
    rows: list[dict[str, Any]] = [
        {"person_id": rater.person_id, "role": (Role.MEMBER if at else Role.LEAD).value}
        | clinic.owner
        for clinic in clinics
        for at, rater in enumerate(clinic.raters)
    ]
    wide = (Role.COACH, Role.RESEARCHER, Role.ADMINISTRATOR)
    ids = insert_rows(Person, [_person(_demo_person(role)) for role in wide])
    coach, researcher, administrator = ids
    nowhere = {"organization_id": None, "clinic_id": None}
    rows += [
        {"person_id": coach, "role": Role.COACH.value}
        | {"organization_id": organizations[at], "clinic_id": None}
        for at in _COACHED_ORGANIZATIONS
    ]
    rows.append({"person_id": researcher, "role": Role.RESEARCHER.value} | nowhere)
    rows.append({"person_id": administrator, "role": Role.ADMINISTRATOR.value} | nowhere)
    db.session.execute(insert(Grant), rows)
