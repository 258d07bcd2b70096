"""The permission table, read the way a reviewer reads it."""

from __future__ import annotations

import pytest

from accounts.models import Role
from accounts.permissions import PERMISSIONS, may
from accounts.viewer import HeldGrant, Scope, Viewer

CLINIC = Scope(organization_id=1, clinic_id=10)
SISTER = Scope(organization_id=1, clinic_id=11)
FOREIGN = Scope(organization_id=2, clinic_id=20)


def person(*grants: HeldGrant, person_id: int = 5) -> Viewer:
    return Viewer(person_id=person_id, name="N", email="n@example.org", grants=grants)


MEMBER = person(HeldGrant(Role.MEMBER, 1, 10))
LEAD = person(HeldGrant(Role.LEAD, 1, 10))
COACH = person(HeldGrant(Role.COACH, 1, None))
RESEARCHER = person(HeldGrant(Role.RESEARCHER, None, None))
ADMINISTRATOR = person(HeldGrant(Role.ADMINISTRATOR, None, None))
NOBODY = person()


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_nobody_without_a_grant_may_do_anything(permission: str) -> None:
    assert not may(None, permission, CLINIC)
    assert not may(NOBODY, permission, CLINIC)
    assert not may(NOBODY, permission)


@pytest.mark.parametrize("permission", PERMISSIONS)
@pytest.mark.parametrize("viewer", [MEMBER, LEAD, COACH])
def test_no_clinic_role_reaches_into_another_organization(viewer: Viewer, permission: str) -> None:
    assert not may(viewer, permission, FOREIGN)


@pytest.mark.parametrize("permission", PERMISSIONS)
@pytest.mark.parametrize("viewer", [MEMBER, LEAD])
def test_no_clinic_role_reaches_into_a_sister_clinic(viewer: Viewer, permission: str) -> None:
    assert not may(viewer, permission, SISTER)


def test_a_coach_of_an_organization_reaches_all_its_clinics() -> None:
    assert may(COACH, "results.view", CLINIC)
    assert may(COACH, "plan.edit", SISTER)


@pytest.mark.parametrize("permission", ["assessment.reveal", "assessment.close", "plan.edit"])
def test_members_do_not_run_the_wheel(permission: str) -> None:
    assert not may(MEMBER, permission, CLINIC)
    assert may(LEAD, permission, CLINIC)


def test_a_rating_opens_for_its_owner_only() -> None:
    mine = Scope(organization_id=1, clinic_id=10, person_id=5)
    theirs = Scope(organization_id=1, clinic_id=10, person_id=6)
    for viewer in (MEMBER, LEAD):
        assert may(viewer, "rating.change", mine)
        assert not may(viewer, "rating.change", theirs)
    for viewer in (COACH, RESEARCHER, ADMINISTRATOR):
        assert not may(viewer, "rating.view", mine)


def test_an_owner_who_left_the_clinic_loses_the_rating() -> None:
    moved = person(HeldGrant(Role.MEMBER, 1, 11))
    assert not may(moved, "rating.change", Scope(1, 10, person_id=5))


def test_a_researcher_sees_trends_takes_data_away_and_sees_no_clinic_page() -> None:
    allowed = {name for name in PERMISSIONS if may(RESEARCHER, name, CLINIC)}
    assert allowed == {"home.view", "trends.view", "data.export", "api.read"}


def test_an_unknown_permission_is_an_error_and_not_a_no() -> None:
    with pytest.raises(KeyError):
        may(ADMINISTRATOR, "clinic.destroy", CLINIC)
