"""The one read beyond one's own clinics gives back quartiles, and closes the door behind it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from accounts.models import Clinic, Organization
from assess.quarters import Quarter
from core import tenancy
from core.db import db
from core.tenancy import Reach
from research.quartiles import SMALLEST_SPREAD
from research.queries.spread import get_spread
from tests.cast import Cast
from tests.integration.assess.program_scores import store
from tests.integration.research.test_clinic_trend_page import program


def test_afterwards_only_the_own_clinic_is_in_reach(app: Flask, cast: Cast) -> None:
    with app.app_context():
        store(program(SMALLEST_SPREAD))
        clinic = db.session.scalars(select(Clinic).filter_by(name="Secretmark 1")).one()
        reach = Reach(clinics=frozenset({clinic.id}), owners=frozenset({clinic.organization_id}))
        db.session.rollback()
        with tenancy.nothing_yet():
            tenancy.know(reach)
            asked = ("six_building_blocks", "1.0.0", "overall", [Quarter(2024, 1)])
            spread = get_spread(*asked, is_demo=False)
            assert set(db.session.scalars(select(Clinic.name))) == {"Secretmark 1"}
            owners = set(db.session.scalars(select(Organization.id)))
            assert owners == {clinic.organization_id}
    (found,) = spread.values()
    assert (found.p25, found.p50, found.p75, found.clinics) == (1.2, 1.4, 1.5, 6)
