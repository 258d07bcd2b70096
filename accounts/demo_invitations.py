"""Fictional people who were invited to the demonstration's first clinic and have not come yet."""

from __future__ import annotations

from datetime import timedelta

from accounts import tokens
from accounts.demo import DemoClinic
from accounts.invitations.inviting import VALID_FOR
from accounts.models import Purpose, Role
from core import audit, clock

# who, with which role, and how many days ago; links work for two weeks
_INVITED = (
    ("Quinn Aspen-Example", Role.MEMBER, 1),
    ("Riley Aspen-Example", Role.MEMBER, 3),
    ("Sasha Aspen-Example", Role.LEAD, 20),
)


def load_invitations(clinic: DemoClinic) -> int:
    """Write a few open invitations of the clinic's lead, one of them expired; how many."""
    lead = clinic.raters[0]
    with audit.acting(audit.Actor(lead.person_id, lead.name, "demonstration")):
        for name, role, days in _INVITED:
            first, family = name.lower().split()
            # nobody gets to know the secret, so nobody can use the link; "New link" makes another
            token, _ = tokens.issue(
                purpose=Purpose.INVITATION,
                email=f"{first}.{family.removesuffix('-example')}@example.com",
                lifetime=VALID_FOR,
                created_by=lead.person_id,
                name=name,
                role=role,
                organization_id=clinic.organization_id,
                clinic_id=clinic.clinic_id,
            )
            token.created_at = clock.now() - timedelta(days=days)
            token.expires_at = token.created_at + VALID_FOR
            audit.record(
                "invitation.created",
                subject=f"invitation {token.id} {token.email}",
                organization_id=clinic.organization_id,
                after={"role": role, "clinic": clinic.clinic_id, "place": clinic.name},
            )
    return len(_INVITED)
