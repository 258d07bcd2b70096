"""Who is looking: the signed-in person with all grants, as a value that templates may hold."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role
from core.tenancy import Reach


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose thing a permission is asked for: its clinic, and its owner when it has one.

    A thing of a whole organization has no clinic, one of the program neither.
    """

    organization_id: int | None
    clinic_id: int | None
    person_id: int | None = None
    assessment_id: int | None = None
    rating_id: int | None = None


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A role with its reach: one clinic, one organization, or (both None) the program."""

    role: Role
    organization_id: int | None
    clinic_id: int | None

    def covers(self, scope: Scope) -> bool:
        """Whether the scope lies within the reach of this grant."""
        if self.clinic_id is not None:
            return self.clinic_id == scope.clinic_id
        return self.organization_id is None or self.organization_id == scope.organization_id


@dataclass(frozen=True, slots=True)
class ClinicName:
    """A clinic as the header and the start page name it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person."""

    person_id: int
    name: str
    email: str
    grants: tuple[HeldGrant, ...]
    is_demo: bool = False

    @property
    def clinic_ids(self) -> frozenset[int]:
        """The clinics in which the person has a role of their own."""
        return frozenset(grant.clinic_id for grant in self.grants if grant.clinic_id is not None)

    @property
    def reach(self) -> Reach:
        """Everything that any of the grants covers."""
        return Reach(
            organizations=frozenset(
                grant.organization_id
                for grant in self.grants
                if grant.clinic_id is None and grant.organization_id is not None
            ),
            clinics=self.clinic_ids,
            owners=frozenset(
                grant.organization_id
                for grant in self.grants
                if grant.clinic_id is not None and grant.organization_id is not None
            ),
            is_whole_program=any(
                grant.clinic_id is None and grant.organization_id is None for grant in self.grants
            ),
        )

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def holds(self, role: Role, scope: Scope | None) -> bool:
        """Whether a grant of this role covers the scope (or exists at all, when scope is None)."""
        return any(
            grant.role is role and (scope is None or grant.covers(scope)) for grant in self.grants
        )


@dataclass(frozen=True, slots=True)
class Joined:
    """A device that rates one assessment by its join link, without an account."""

    assessment_id: int
    rating_id: int
    organization_id: int
    clinic_id: int
    is_shared: bool = False

    @property
    def reach(self) -> Reach:
        """The clinic whose assessment it rates."""
        return Reach(clinics=frozenset({self.clinic_id}), owners=frozenset({self.organization_id}))

    def holds(self, _role: Role, _scope: Scope | None) -> bool:
        """A device holds no role."""
        return False


Visitor = Viewer | Joined
"""Who may be asked for a permission."""
