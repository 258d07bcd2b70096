"""Short verbs for tests about invitations."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.invitations import inviting as invitations
from accounts.invitations.inviting import Invitee
from accounts.models import Clinic, Grant, Organization, Person, Role, Token
from accounts.places import PROGRAM, Place, get_clinic_place
from accounts.viewer import HeldGrant, Viewer
from core.db import db
from tests.pages import CheckingClient

GOOD_PASSWORD = "velvet otter plays marimba"
LINK = re.compile(r"http://127\.0\.0\.1/invitation/([\w-]{43})")


def secrets_on(answer: TestResponse) -> list[str]:
    """Every secret that a page shows, once each."""
    return list(dict.fromkeys(LINK.findall(answer.get_data(as_text=True))))


def invite_by_page(
    browser: CheckingClient, clinic: int, email: str = "new@example.org", role: str = "member"
) -> str:
    """Invite somebody on the clinic's page; the secret of the link."""
    path = f"/clinics/{clinic}/invite"
    answer = browser.send(path, {"email": email, "name": "New Person", "role": role})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (secret,) = secrets_on(answer)
    return secret


def viewer_of(person_id: int) -> Viewer:
    """The person as one who asks."""
    person = db.session.get_one(Person, person_id)
    grants = db.session.scalars(select(Grant).where(Grant.person_id == person_id))
    held = tuple(HeldGrant(Role(one.role), one.organization_id, one.clinic_id) for one in grants)
    return Viewer(person_id=person_id, name=person.name, email=person.email, grants=held)


def place_of(*, clinic: int | None = None, organization: int | None = None) -> Place:
    if clinic is not None:
        return get_clinic_place(clinic)
    if organization is None:
        return PROGRAM
    name = db.session.get_one(Organization, organization).name
    return Place(organization_id=organization, organization=name)


def invite(
    person_id: int,
    email: str = "new@example.org",
    role: Role = Role.MEMBER,
    *,
    clinic: int | None = None,
    organization: int | None = None,
) -> str:
    """Invite in the service, commit, and return the secret."""
    invitee = Invitee(email, "New Person", role, place_of(clinic=clinic, organization=organization))
    made = invitations.invite(invitee, by=viewer_of(person_id))
    db.session.commit()
    return made.secret


def accept(browser: CheckingClient, secret: str, **fields: str) -> TestResponse:
    """Send the form behind the link."""
    path = f"/invitation/{secret}"
    sent = {"name": "New Person", "job_role": "", "new_password": GOOD_PASSWORD, **fields}
    return browser.send(path, sent, page=path)


def grants_of(app: Flask, email: str) -> list[tuple[str, str | None]]:
    """(role, name of the clinic) of everything that the person with this email holds."""
    with app.app_context():
        rows = db.session.execute(
            select(Grant.role, Clinic.name)
            .join(Person, Person.id == Grant.person_id)
            .outerjoin(Clinic, Clinic.id == Grant.clinic_id)
            .where(Person.email == email)
            .order_by(Grant.id)
        )
        return [(row.role, row.name) for row in rows]


def count_open(app: Flask) -> int:
    """How many invitations wait."""
    with app.app_context():
        query = select(Token.id).where(Token.used_at.is_(None), Token.revoked_at.is_(None))
        return len(db.session.scalars(query).all())
