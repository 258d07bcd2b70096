"""Administrators find people, give and take roles, help with accounts; leads see their clinic."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts import service
from accounts.factors import second_factors
from accounts.models import Clinic, Grant, Method, Organization, Person, Purpose, Role, Token
from accounts.people import changing as verbs
from accounts.people.changing import LastAdministrator
from accounts.sign_in import sign_ins
from core import clock, tenancy
from core.audit import AuditEvent
from core.db import db
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]


@pytest.fixture
def administrator(cast: Cast, signed_in: SignedIn) -> CheckingClient:
    return signed_in(cast.administrator)


@pytest.fixture
def north(cast: Cast, signed_in: SignedIn) -> CheckingClient:
    """The administrator of North Health only."""
    return signed_in(cast.organization_administrator)


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def grant_of(app: Flask, person_id: int, role: Role | None = None) -> int:
    with app.app_context():
        wanted = select(Grant.id).where(Grant.person_id == person_id)
        return db.session.scalars(
            wanted if role is None else wanted.where(Grant.role == role)
        ).one()


def roles_of(app: Flask, person_id: int) -> set[tuple[str, int | None]]:
    with app.app_context():
        rows = db.session.scalars(select(Grant).where(Grant.person_id == person_id))
        return {(one.role, one.clinic_id or one.organization_id) for one in rows}


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def also_leads_the_other_clinic(app: Flask, cast: Cast) -> None:
    """The member gets a role in another organization."""
    with app.app_context(), tenancy.whole_program():
        person = db.session.get_one(Person, cast.member)
        clinic = db.session.get_one(Clinic, cast.other_clinic)
        service.grant_role(person=person, role=Role.LEAD, clinic=clinic)
        db.session.commit()


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ({}, {"Member", "Stranger", "Researcher"}, set()),
        ({"q": "LEAD@example"}, {"Lead"}, {"Member", "Coach"}),
        ({"q": "alder"}, {"Lead", "Member", "Second"}, {"Other", "Coach"}),
        ({"q": "alder second"}, {"Second"}, {"Lead"}),
        ({"role": "coach"}, {"Coach"}, {"Lead"}),
        ({"role": "no such role"}, {"Lead"}, set()),
        ({"show": "no-role"}, {"Stranger"}, {"Lead"}),
        ({"show": "never"}, {"Lead"}, {">Administrator<"}),
        ({"show": "disabled"}, {"No account is closed"}, {"Lead"}),
        ({"q": "%"}, {"Nobody found"}, {"Lead"}),
        ({"page": "99"}, {"Lead"}, set()),
        ({"page": "x"}, {"Lead"}, set()),
    ],
)
def test_people_are_found(
    administrator: CheckingClient, query: dict[str, str], found: set[str], not_found: set[str]
) -> None:
    page = text_of(administrator.get("/admin/people", query_string=query))
    table = page.split("<main", 1)[1].replace("<option", "").split("</form>")[-1]
    assert all(word in table for word in found), query
    assert not any(f">{word.strip('<>')}<" in table for word in not_found), query


def test_an_administrator_of_an_organization_finds_its_people_only(
    app: Flask, cast: Cast, north: CheckingClient
) -> None:
    also_leads_the_other_clinic(app, cast)
    page = text_of(north.get("/admin/people"))
    assert ">Lead<" in page
    assert "stranger@example.org" not in page
    assert "researcher@example.org" not in page
    assert "administrator@example.org" not in page
    assert "Cedar" not in page, "nor the roles that its people have elsewhere"
    assert north.get(f"/admin/people/{cast.member_of_other_clinic}").status_code == 404
    assert north.get(f"/admin/people/{cast.stranger}").status_code == 404
    assert north.get(f"/admin/people/{cast.administrator}").status_code == 404


def test_an_administrator_of_an_organization_sees_who_has_signed_in(
    cast: Cast, north: CheckingClient, signed_in: SignedIn
) -> None:
    signed_in(cast.lead)
    waiting = text_of(north.get("/admin/people", query_string={"show": "never"}))
    assert ">Member<" in waiting
    assert ">Lead<" not in waiting
    never = '<dt>Last sign-in</dt><dd class="fact-words">Never'
    assert never not in text_of(north.get(f"/admin/people/{cast.lead}"))
    assert never in text_of(north.get(f"/admin/people/{cast.member}"))


def test_a_person_with_roles_elsewhere_is_seen_but_the_account_is_not_theirs_to_change(
    app: Flask, cast: Cast, north: CheckingClient, administrator: CheckingClient
) -> None:
    also_leads_the_other_clinic(app, cast)
    path = f"/admin/people/{cast.member}"
    page = text_of(north.get(path))
    assert "has roles in other organizations too" in page
    assert "Cedar" not in page
    for action in ("reset-link", "sign-ins", "second-factor", "close", "open", "edit"):
        answer = north.send(f"{path}/{action}", {"name": "X", "email": "x@example.org"})
        assert answer.status_code == 403, action
    assert "Cedar Clinic" in text_of(administrator.get(path))
    assert administrator.send(f"{path}/reset-link").status_code == 200


def test_a_role_is_given_and_taken_away(
    app: Flask, cast: Cast, administrator: CheckingClient
) -> None:
    path = f"/admin/people/{cast.stranger}"
    given = administrator.send(f"{path}/roles", {"role": "lead", "place": f"clinic-{cast.clinic}"})
    assert "Role given" in text_of(administrator.get(given.location))
    assert roles_of(app, cast.stranger) == {("lead", cast.clinic)}
    take = f"/roles/{grant_of(app, cast.stranger)}/take?from=person"
    assert "Stranger: clinic lead, Alder Clinic" in text_of(administrator.get(take))
    taken = administrator.send(take)
    assert "Role taken away" in text_of(administrator.get(taken.location))
    assert roles_of(app, cast.stranger) == set()
    assert actions(app)[-2:] == ["role.given", "role.taken"]
    assert administrator.send(take).status_code == 404, "a second time there is nothing to take"


@pytest.mark.parametrize(
    ("role", "place", "words"),
    [
        ("", "program", "Choose a role."),
        ("lead", "", "Choose where the role holds."),
        ("lead", "program", "A clinic lead works in one clinic."),
        ("lead", "organization-{organization}", "A clinic lead works in one clinic."),
        ("researcher", "clinic-{clinic}", "works in an organization or the program"),
        ("member", "clinic-{clinic}", "has this role in Alder Clinic already"),
        ("owner", "clinic-9999", "Choose one of the options shown."),
    ],
)
def test_a_role_that_cannot_be_given_is_explained_at_its_field(
    cast: Cast, administrator: CheckingClient, role: str, place: str, words: str
) -> None:
    where = place.format(organization=cast.organization, clinic=cast.clinic)
    answer = administrator.send(
        f"/admin/people/{cast.member}/roles", {"role": role, "place": where}
    )
    assert answer.status_code == 422
    assert text_of(answer).count(words) >= 2


def test_an_administrator_of_an_organization_gives_roles_in_it_only(
    app: Flask, cast: Cast, north: CheckingClient
) -> None:
    path = f"/admin/people/{cast.member}/roles"
    organization = f"organization-{cast.organization}"
    assert north.send(path, {"role": "coach", "place": organization}).status_code == 302
    assert north.send(path, {"role": "administrator", "place": organization}).status_code == 302
    for place in ("program", f"clinic-{cast.other_clinic}"):
        for role in ("administrator", "coach", "lead"):
            answer = north.send(path, {"role": role, "place": place})
            assert answer.status_code in {404, 422}, (role, place)
    assert ("lead", cast.other_clinic) not in roles_of(app, cast.member)
    foreign = grant_of(app, cast.member_of_other_clinic)
    assert north.send(f"/roles/{foreign}/take").status_code == 404
    program = grant_of(app, cast.administrator)
    assert north.send(f"/roles/{program}/take").status_code == 404


def test_a_lead_sees_the_people_of_the_clinic_and_takes_a_role_away(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    lead = signed_in(cast.lead)
    page = text_of(lead.get(f"/clinics/{cast.clinic}/people"))
    assert page.index("lead@example.org") < page.index("member@example.org"), "leads first"
    assert f"/clinics/{cast.clinic}/invite" in page
    grant = grant_of(app, cast.member)
    assert "Member: team member, Alder Clinic" in text_of(lead.get(f"/roles/{grant}/take"))
    taken = lead.send(f"/roles/{grant}/take")
    assert taken.location == f"/clinics/{cast.clinic}/people?saved=taken"
    assert signed_in(cast.member).get(f"/clinics/{cast.clinic}").status_code in {403, 404}
    assert lead.send(f"/roles/{grant_of(app, cast.coach)}/take").status_code == 404
    own = grant_of(app, cast.lead)
    assert "This is your own role" in text_of(lead.get(f"/roles/{own}/take"))
    assert lead.send(f"/roles/{own}/take").location == "/"


def test_name_and_email_are_corrected(
    app: Flask, cast: Cast, administrator: CheckingClient
) -> None:
    path = f"/admin/people/{cast.member}/edit"
    administrator.send(f"/admin/people/{cast.member}/reset-link")
    wrong = administrator.send(path, {"name": " ", "email": "nobody"})
    assert "Enter the name." in text_of(wrong)
    taken = administrator.send(path, {"name": "Mia", "email": "LEAD@example.org"})
    assert taken.status_code == 422
    assert "lead@example.org already has an account" in text_of(taken)
    assert 'value="Mia"' in text_of(taken)
    assert administrator.send(path, {"name": "Mia", "email": "Mia@example.org"}).status_code == 302
    with app.app_context():
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "person.changed")
        ).one()
        assert event.before == '{"email": "member@example.org", "name": "Member"}'
        assert event.after == '{"email": "mia@example.org", "name": "Mia"}'
        link = db.session.scalars(select(Token).where(Token.purpose == Purpose.RESET)).one()
        assert link.revoked_at is not None, "a link for the old address works no more"


def test_a_link_for_a_new_password_is_shown_once_and_works(
    app: Flask, cast: Cast, administrator: CheckingClient, client: CheckingClient
) -> None:
    page = text_of(administrator.send(f"/admin/people/{cast.member}/reset-link"))
    assert "This link is shown only now" in page
    assert "<svg" in page
    address = page.split('value="http://127.0.0.1/reset/')[1].split('"')[0]
    assert client.get(f"/reset/{address}").status_code == 200
    assert address not in text_of(administrator.get(f"/admin/people/{cast.member}"))


@pytest.mark.parametrize("whose", ["administrator", "member"])
def test_a_browser_left_open_takes_over_no_account(
    app: Flask, cast: Cast, administrator: CheckingClient, whose: str
) -> None:
    """Who is there is asked again before anything that lets somebody else in, oneself included."""
    person_id = cast.people[whose]
    path = f"/admin/people/{person_id}"
    token = administrator.csrf_token()
    with clock.frozen_at(clock.now() + timedelta(minutes=11)):
        for way in ("reset-link", "second-factor", "edit"):
            sent = {"csrf_token": token, "name": "Mia", "email": "mallory@example.org"}
            answer = administrator.post(f"{path}/{way}", data=sent)
            assert answer.status_code == 303, way
            assert answer.location.startswith("/account/confirm?next=/admin/people/"), way
        for way in ("second-factor", "edit"):
            assert "/account/confirm" in administrator.get(f"{path}/{way}").location
    with app.app_context():
        assert db.session.scalars(select(Token)).all() == []
        assert db.session.get_one(Person, person_id).email == f"{whose}@example.org"


def test_closing_an_account_ends_it_everywhere_until_it_is_opened(
    app: Flask, cast: Cast, administrator: CheckingClient, signed_in: SignedIn
) -> None:
    member = signed_in(cast.member)
    path = f"/admin/people/{cast.member}"
    assert "Close the account of Member?" in text_of(administrator.get(f"{path}/close"))
    closed = administrator.send(f"{path}/close")
    assert "Account closed" in text_of(administrator.get(closed.location))
    assert member.get("/clinics").status_code == 302, "to sign in"
    assert administrator.send(f"{path}/reset-link").status_code == 409
    assert "Member" in text_of(administrator.get("/admin/people?show=disabled"))
    with app.app_context(), pytest.raises(sign_ins.AccountClosed):
        sign_ins.start(cast.member, method=Method.PASSWORD)
    administrator.send(f"{path}/open")
    assert signed_in(cast.member).get(f"/clinics/{cast.clinic}").status_code == 200
    assert "person.disabled" in actions(app)
    assert "person.enabled" in actions(app)


def test_all_browsers_are_signed_out(
    cast: Cast, administrator: CheckingClient, signed_in: SignedIn
) -> None:
    member = signed_in(cast.member)
    path = f"/admin/people/{cast.member}"
    assert "1 browser" in text_of(administrator.get(path))
    ended = administrator.send(f"{path}/sign-ins")
    assert "Signed out everywhere" in text_of(administrator.get(ended.location))
    assert member.get(f"/clinics/{cast.clinic}").status_code == 302


def test_a_lost_second_factor_is_removed(
    cast: Cast, administrator: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    removed = second_factors.Removed(True, 0, 0, True)
    monkeypatch.setattr(
        second_factors, "remove_second_factor", lambda person: asked.append(person) or removed
    )
    path = f"/admin/people/{cast.member}/second-factor"
    assert "Remove the second factor of Member?" in text_of(administrator.get(path))
    answer = administrator.send(path)
    assert asked == [cast.member]
    assert "set a longer one" in text_of(administrator.get(answer.location))


def test_nobody_closes_their_own_account_or_is_the_last_to_run_the_program(
    app: Flask, cast: Cast, administrator: CheckingClient
) -> None:
    own = f"/admin/people/{cast.administrator}"
    assert administrator.send(f"{own}/close").status_code == 409
    take = f"/roles/{grant_of(app, cast.administrator)}/take"
    assert "This is your own role" in text_of(administrator.get(take))
    refused = administrator.send(take)
    assert refused.status_code == 409
    assert "Make somebody else administrator first." in text_of(refused)
    administrator.send(
        f"/admin/people/{cast.stranger}/roles", {"role": "administrator", "place": "program"}
    )
    assert administrator.send(take).location == "/"
    assert administrator.get("/admin").status_code == 403


@pytest.mark.parametrize("how", ["take", "close"])
def test_two_administrators_who_remove_each_other_leave_one(
    app: Flask, cast: Cast, how: str
) -> None:
    with app.app_context(), tenancy.whole_program():
        person = db.session.get_one(Person, cast.stranger)
        service.grant_role(person=person, role=Role.ADMINISTRATOR)
        db.session.commit()
    grants = {one: grant_of(app, one) for one in (cast.administrator, cast.stranger)}
    start = Barrier(2)

    def remove(person_id: int) -> str:
        with app.app_context(), tenancy.whole_program():
            start.wait()
            try:
                if how == "close":
                    verbs.disable_person(person_id=person_id)
                else:
                    verbs.take_role(grant_id=grants[person_id], place=verbs.Place())
                db.session.commit()
            except LastAdministrator:
                return "refused"
            return "removed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, grants)) == ["refused", "removed"]


def test_a_list_of_any_length_costs_the_same(
    app: Flask, cast: Cast, administrator: CheckingClient, count_statements: CountStatements
) -> None:
    def statements() -> int:
        with count_statements() as seen:
            assert administrator.get("/admin/people").status_code == 200
        return len(seen)

    before = statements()
    with app.app_context(), tenancy.whole_program():
        organization = db.session.get_one(Organization, cast.organization)
        for number in range(60):
            person = service.create_person(email=f"p{number}@example.org", name=f"P{number}")
            for role in (Role.COACH, Role.RESEARCHER):
                service.grant_role(person=person, role=role, organization=organization)
        db.session.commit()
    assert statements() == before
    assert "page 1 of 2" in text_of(administrator.get("/admin/people"))
    assert "page 2 of 2" in text_of(administrator.get("/admin/people?page=2"))
