"""The one table of who may do what; views, templates and commands all ask it.

Read a row as: this permission is given when any of the named conditions is true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from accounts.models import Role
from accounts.viewer import Joined, Scope, Visitor

Condition = Callable[[Visitor, Scope | None], bool]


def administrator(viewer: Visitor, scope: Scope | None) -> bool:
    """Runs the program (or one organization of it)."""
    return viewer.holds(Role.ADMINISTRATOR, scope)


def coach(viewer: Visitor, scope: Scope | None) -> bool:
    """Coaches the clinic."""
    return viewer.holds(Role.COACH, scope)


def lead(viewer: Visitor, scope: Scope | None) -> bool:
    """Leads the clinic's team."""
    return viewer.holds(Role.LEAD, scope)


def member(viewer: Visitor, scope: Scope | None) -> bool:
    """Works in the clinic; its lead does too."""
    return viewer.holds(Role.MEMBER, scope) or viewer.holds(Role.LEAD, scope)


def researcher(viewer: Visitor, scope: Scope | None) -> bool:
    """Follows coded clinics."""
    return viewer.holds(Role.RESEARCHER, scope)


def owner(viewer: Visitor, scope: Scope | None) -> bool:
    """Is the very person the thing belongs to, and still works in the clinic."""
    if isinstance(viewer, Joined):
        return False
    return member(viewer, scope) and (scope is None or scope.person_id == viewer.person_id)


def joined(viewer: Visitor, scope: Scope | None) -> bool:
    """Came to this very assessment by its join link, without an account."""
    return isinstance(viewer, Joined) and (
        scope is None or scope.assessment_id == viewer.assessment_id
    )


def joined_owner(viewer: Visitor, scope: Scope | None) -> bool:
    """Rates on this very sheet, by join link and without an account."""
    return isinstance(viewer, Joined) and (scope is None or scope.rating_id == viewer.rating_id)


PERMISSIONS: Mapping[str, tuple[Condition, ...]] = MappingProxyType(
    {
        "home.view": (administrator, coach, lead, member, researcher),
        "clinic.list": (administrator, coach, lead, member),
        "clinic.view": (administrator, coach, member),
        "assessment.open": (administrator, coach, lead),
        "assessment.rate": (member, joined),
        "assessment.reveal": (administrator, coach, lead),
        "assessment.agree": (administrator, coach, lead),
        "assessment.close": (administrator, coach, lead),
        "assessment.reopen": (administrator, coach, lead),
        # how many have rated, who is reminded: never what anybody answered
        "assessment.follow": (administrator, coach, lead),
        # bring in what was rated on paper or in a file
        "rating.key_in": (administrator, coach, lead),
        # the team's meeting: see where it stands, vote again on a milestone
        "meeting.follow": (administrator, coach, member, joined),
        "meeting.vote": (member, joined),
        "rating.view": (owner, joined_owner),
        "rating.change": (owner, joined_owner),
        "results.view": (administrator, coach, member),
        "plan.view": (administrator, coach, member),
        "plan.edit": (administrator, coach, lead),
        "action.update": (administrator, coach, member),
        "trends.view": (administrator, coach, researcher),
        # take coded data away: as a bundle of files, or with a token of one's own by the API
        "data.export": (administrator, coach, researcher),
        "api.read": (administrator, coach, researcher),
        "clinic.names": (administrator, coach, member),
        # the join link of an assessment: make it, print its poster, revoke it
        "join.manage": (administrator, coach, lead),
        # people of a clinic, its invitations, and who may give or take which role
        "people.view": (administrator, coach, lead),
        "invitation.list": (administrator, coach, lead),
        "role.member": (administrator, coach, lead),
        "role.lead": (administrator, coach, lead),
        "role.coach": (administrator,),
        "role.researcher": (administrator,),
        "role.administrator": (administrator,),
        # a person's account: reset link, sign-ins, second factor, disabling
        "person.manage": (administrator,),
        # pages of administrators; organizations are asked for with a scope without clinic
        "admin.view": (administrator,),
        "organization.manage": (administrator,),
        "organization.add": (administrator,),  # asked for with the scope of the program
        "clinic.manage": (administrator,),
        "audit.view": (administrator,),
    }
)


def may(viewer: Visitor | None, permission: str, scope: Scope | None = None) -> bool:
    """Whether the viewer holds the permission on the scope.

    Without a scope: whether there can be anything the viewer holds it on.
    Raises KeyError for a permission that is not in the table.
    """
    conditions = PERMISSIONS[permission]
    return viewer is not None and any(condition(viewer, scope) for condition in conditions)
