"""Says in plain words what each role is and which of them somebody may give in a place."""

from __future__ import annotations

from accounts.models import Role
from accounts.permissions import may
from accounts.places import Place
from accounts.viewer import Viewer

NAMES = {
    Role.MEMBER: "Team member",
    Role.LEAD: "Clinic lead",
    Role.COACH: "Coach",
    Role.RESEARCHER: "Researcher",
    Role.ADMINISTRATOR: "Administrator",
}
# what the person can do, after "You can" and "They can"
CAN = {
    Role.MEMBER: "rate the clinic, see the team's results and update actions",
    Role.LEAD: "rate, open assessments, reveal the results, write the plan and invite the team",
    Role.COACH: "see results, lead meetings, write plans and invite people",
    Role.RESEARCHER: "see scores of clinics by code, without names or notes",
    Role.ADMINISTRATOR: "set up clinics, manage people and everything the clinics do",
}
OF_A_CLINIC = frozenset({Role.MEMBER, Role.LEAD})
NEVER_OF_A_CLINIC = frozenset({Role.RESEARCHER, Role.ADMINISTRATOR})
_ARTICLES = {Role.ADMINISTRATOR: "an"}


def fits(role: Role, place: Place) -> bool:
    """Whether there is such a role in such a place."""
    if place.clinic_id is None:
        return role not in OF_A_CLINIC
    return role not in NEVER_OF_A_CLINIC


def roles_to_give(viewer: Viewer, place: Place) -> tuple[Role, ...]:
    """The roles that this person may give here, in the order of the list."""
    return tuple(
        role for role in Role if fits(role, place) and may(viewer, f"role.{role}", place.scope)
    )


def as_role(role: Role) -> str:
    """After "as": "a clinic lead", "an administrator"."""
    return f"{_ARTICLES.get(role, 'a')} {NAMES[role].lower()}"


def plural(role: Role) -> str:
    """Many of them: "team members", "coaches"."""
    name = NAMES[role].lower()
    return f"{name}es" if name.endswith("ch") else f"{name}s"
