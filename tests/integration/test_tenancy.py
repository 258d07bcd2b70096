"""The first wall: no query of a request comes back with what is out of the asker's reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import click
import pytest
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, delete, func, select, union_all, update
from sqlalchemy.orm import aliased

from accounts import guard, wall
from accounts.models import Clinic, ClinicData, Organization
from assess.models import Assessment, Rating
from core import clock, command_errors, tenancy
from core.db import Base, db
from core.tenancy import Reach
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.tenants import Tenant, Tenants
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
# flat: a model that inherits from another one of these would need its own thought
MODELS = [Clinic, *ClinicData.__subclasses__()]


@pytest.fixture
def reaching(app: Flask) -> Iterator[Callable[[Reach], None]]:
    """As in a request: nothing in reach, until the test says what is; again replaces it."""
    with app.app_context(), tenancy.nothing_yet():

        def reach(wanted: Reach) -> None:
            db.session.rollback()
            tenancy._reach.set(wanted)

        yield reach


def one_clinic(tenant: Tenant) -> Reach:
    return Reach(clinics=frozenset({tenant.clinic}), owners=frozenset({tenant.organization}))


def clinics_of(model: Any) -> set[int]:
    column = model.id if model is Clinic else model.clinic_id
    return set(db.session.scalars(select(column)))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_a_query_that_asks_for_everything_gets_what_is_in_reach(
    tenants: Tenants, reaching: Callable[[Reach], None], model: type[Base]
) -> None:
    own, sister, other = tenants.own, tenants.sister, tenants.other
    in_reach = {
        tenancy.NOTHING: set(),
        one_clinic(own): {own.clinic},
        one_clinic(sister) | one_clinic(other): {sister.clinic, other.clinic},
        Reach(organizations=frozenset({own.organization})): {own.clinic, sister.clinic},
        Reach(organizations=frozenset({99})): set(),
        tenancy.EVERYTHING: {own.clinic, sister.clinic, other.clinic},
    }
    for reach, clinics in in_reach.items():
        reaching(reach)
        assert clinics_of(model) == clinics, reach


def test_an_organization_is_in_reach_with_any_of_its_clinics(
    tenants: Tenants, reaching: Callable[[Reach], None]
) -> None:
    for reach, ids in (
        (tenancy.NOTHING, set()),
        (one_clinic(tenants.own), {tenants.own.organization}),
        (tenancy.EVERYTHING, {tenants.own.organization, tenants.other.organization}),
    ):
        reaching(reach)
        assert set(db.session.scalars(select(Organization.id))) == ids


def _queries() -> dict[str, Select[Any] | Any]:
    """Shapes in which a query may hide a table; each counts or lists assessments."""
    other_name = aliased(Assessment)
    inner = select(Assessment.id).subquery()
    return {
        "alias": select(func.count(other_name.id)),
        "subquery": select(func.count()).select_from(inner),
        "common table expression": select(func.count(select(Assessment.id).cte("every").c.id)),
        "scalar subquery": select(select(func.count(Assessment.id)).scalar_subquery()),
        "union": select(func.count()).select_from(
            union_all(
                select(Assessment.id).where(Assessment.state == "open"),
                select(Assessment.id).where(Assessment.state != "open"),
            ).subquery()
        ),
        "outer join": select(func.count(other_name.id))
        .select_from(Assessment)
        .outerjoin(other_name, other_name.id == Assessment.id),
        "exists": select(func.count(Rating.id)).where(
            select(Assessment.id).where(Assessment.id == Rating.assessment_id).exists()
        ),
    }


@pytest.mark.parametrize("shape", _queries())
def test_no_shape_of_query_gets_past_the_wall(
    tenants: Tenants, reaching: Callable[[Reach], None], shape: str
) -> None:
    query = _queries()[shape]
    for reach, count in (
        (one_clinic(tenants.own), 2),
        (one_clinic(tenants.own) | one_clinic(tenants.other), 4),  # the same statement again
        (tenancy.NOTHING, 0),
        (tenancy.EVERYTHING, 6),
    ):
        reaching(reach)
        assert db.session.scalar(query) == count, reach


@pytest.mark.parametrize("shape", _queries())
def test_the_quick_way_leads_through_the_same_wall(
    tenants: Tenants, reaching: Callable[[Reach], None], shape: str
) -> None:
    query = _queries()[shape]
    organization = Reach(organizations=frozenset({tenants.own.organization}))
    for reach, count in (
        (one_clinic(tenants.own), 2),
        (one_clinic(tenants.other), 2),  # the same statement for one clinic again
        (one_clinic(tenants.own) | one_clinic(tenants.other), 4),
        (organization, 4),
        (organization | one_clinic(tenants.other), 6),
        (tenancy.NOTHING, 0),
        (one_clinic(tenants.sister), 2),
        (tenancy.EVERYTHING, 6),
    ):
        reaching(reach)
        assert wall.execute(query, {}).scalar_one() == count, reach
    reaching(tenancy.EVERYTHING)
    db.session.add(Organization(name="Waiting to be flushed", created_at=clock.now()))
    names = wall.execute(select(Organization.name), {}).scalars()
    assert "Waiting to be flushed" in set(names)


def test_a_bare_union_is_walled_too(tenants: Tenants, reaching: Callable[[Reach], None]) -> None:
    # SQLAlchemy once kept the values of the first of two such queries (sqlalchemy issue 12905)
    for tenant in (tenants.own, tenants.other):
        reaching(one_clinic(tenant))
        union = union_all(select(Clinic.id), select(Assessment.clinic_id))
        assert set(db.session.scalars(union)) == {tenant.clinic}


def test_what_is_out_of_reach_is_neither_got_nor_changed_nor_deleted(
    tenants: Tenants, reaching: Callable[[Reach], None]
) -> None:
    reaching(one_clinic(tenants.own))
    for foreign in (tenants.sister.rating, tenants.other.rating):
        assert db.session.get(Rating, foreign) is None
        quickly = update(Rating).where(Rating.id == foreign).values(job_role="x")
        assert wall.execute(quickly, {}).rowcount == 0
        changed: Any = db.session.execute(
            update(Rating).where(Rating.id == foreign).values(job_role="x")
        )
        assert changed.rowcount == 0
        gone: Any = db.session.execute(delete(Rating).where(Rating.id == foreign))
        assert gone.rowcount == 0
    assert db.session.get(Rating, tenants.own.rating) is not None


def test_no_row_is_added_out_of_reach(tenants: Tenants, reaching: Callable[[Reach], None]) -> None:
    for reach, tenant, allowed in (
        (one_clinic(tenants.own), tenants.own, True),
        (Reach(organizations=frozenset({tenants.own.organization})), tenants.sister, True),
        (one_clinic(tenants.own), tenants.sister, False),
        (one_clinic(tenants.own), tenants.other, False),
        (tenancy.NOTHING, tenants.own, False),
    ):
        reaching(reach)
        db.session.add(
            Rating(
                assessment_id=tenant.assessment,
                organization_id=tenant.organization,
                clinic_id=tenant.clinic,
                started_at=clock.now(),
            )
        )
        with nullcontext() if allowed else pytest.raises(wall.OutOfReach):
            db.session.flush()


@pytest.fixture
def probe(app: Flask, tenants: Tenants) -> Flask:
    """Routes that forgot every permission and every WHERE."""

    @guard.public
    def everything() -> ResponseReturnValue:
        return jsonify(sorted(clinics_of(Assessment)))

    @guard.signed_in
    def everything_for_me() -> ResponseReturnValue:
        return jsonify(sorted(clinics_of(Assessment)))

    @guard.public
    def entered() -> ResponseReturnValue:
        before = clinics_of(Assessment)
        tenancy.enter([tenants.other.organization, None])
        return jsonify([sorted(before), sorted(clinics_of(Assessment))])

    @guard.public
    def fails() -> ResponseReturnValue:
        tenancy.enter([tenants.other.organization])
        raise RuntimeError("on purpose")

    for view in (everything, everything_for_me, entered, fails):
        app.add_url_rule(f"/probe/{view.__name__}", view.__name__, view)
    return app


def test_a_view_that_forgot_to_ask_shows_what_is_in_reach(
    probe: Flask, cast: Cast, tenants: Tenants, signed_in: SignedIn, client: CheckingClient
) -> None:
    own, sister, other = tenants.own.clinic, tenants.sister.clinic, tenants.other.clinic
    assert client.get("/probe/everything").json == []
    for person, clinics in (
        (cast.member, [own]),
        (cast.lead, [own]),
        (cast.coach, [own, sister]),
        (cast.member_of_other_clinic, [other]),
        (cast.stranger, []),
        (cast.administrator, sorted([own, sister, other])),
    ):
        assert signed_in(person).get("/probe/everything_for_me").json == clinics


def test_a_public_page_enters_the_organization_its_link_names(
    probe: Flask, tenants: Tenants, client: CheckingClient
) -> None:
    assert client.get("/probe/entered").json == [[], [tenants.other.clinic]]
    assert client.get("/probe/everything").json == []


def test_what_a_request_reached_ends_with_it(probe: Flask, client: CheckingClient) -> None:
    with tenancy.nothing_yet():
        assert client.get("/probe/entered").status_code == 200
        assert client.get("/probe/fails").status_code == 500
        assert tenancy.present() == tenancy.NOTHING
    assert tenancy.present() == tenancy.EVERYTHING  # the tests' own


def test_a_command_reaches_the_whole_program(app: Flask, tenants: Tenants) -> None:
    @app.cli.command("count-clinics")
    def count_clinics() -> None:
        click.echo(len(clinics_of(Clinic)))

    command_errors.explain(app.cli)
    with tenancy.nothing_yet():
        assert app.test_cli_runner().invoke(args=["count-clinics"]).output == "3\n"


def test_who_is_asking_costs_one_statement(
    probe: Flask, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.member)
    with count_statements() as seen:
        browser.get("/probe/everything_for_me")
    assert len(seen) == 2, seen  # and one for what is asked
