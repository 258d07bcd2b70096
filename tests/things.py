"""One of everything that a route can name, for a clinic: what access and fuzz tests aim at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from werkzeug.routing import Rule

from accounts import service, tokens
from accounts.demo_links import make_demo_key
from accounts.models import Clinic, Method, Purpose, Role
from accounts.program.first_run import first_run_code
from accounts.sign_in import resets, sign_ins
from accounts.sign_in.queries import list_browsers
from action_plans import service as plan_service
from action_plans import tasks
from action_plans.queries.plans import get_plan
from core.db import db
from questionnaires import catalog
from research.bundling import asking
from research.tokens import keeping
from tests import seeding
from tests.integration.action_plans.conftest import content
from tests.passkey_device import passkey_of

INSTRUMENT = catalog.get("six_building_blocks")
MILESTONE = INSTRUMENT.milestones[0].key


@dataclass(frozen=True, slots=True)
class Things:
    """Ids of one clinic's things, by the names that routes use."""

    ids: dict[str, str]

    def path(self, rule: Rule) -> str:
        return re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found: self.ids[found[1]], rule.rule)


def things_of(app: Flask, clinic: int, rater: int, planner: int) -> Things:
    with app.app_context():
        organization, grant = _somebody_with_a_role(clinic)
        assessment = seeding.open_assessment(clinic)
        rating = seeding.rate_all(assessment, rater)
        code = seeding.make_join_link(assessment, secret=str(app.secret_key))
        sheet = seeding.key_in(assessment)
        # researchers get no scores that are the mean of fewer than three ratings
        seeding.key_in(assessment, label="Paper form 2")
        seeding.reveal(assessment)
        plan = plan_service.start_plan(
            assessment_id=assessment, milestones=[MILESTONE], person_id=planner
        )
        goal = get_plan(plan).goals[0].id
        action = tasks.add_action(plan_id=plan, goal_id=goal, content=content(), person_id=planner)
        db.session.commit()
        key = make_demo_key(Role.LEAD, secret=str(app.secret_key))
        reset_secret = resets.make_reset_link(planner)[1]
        db.session.commit()
        passkey = passkey_of(rater)
        token = keeping.make_token(person_id=planner, name="a token", days=1)[0].id
        bundle = bundle_of(planner, secret=str(app.secret_key))
        sign_in_id = _browser_of(rater)
        invited, _secret = _invite(clinic, "waiting@example.org")
        _other, invitation_secret = _invite(clinic, "coming@example.org")
    numbers = {
        "passkey_id": passkey,
        "sign_in_id": sign_in_id,
        "token_id": token,
        "bundle_id": bundle,
        "invitation_id": invited,
        "organization_id": organization,
        "clinic_id": clinic,
        "person_id": rater,
        "grant_id": grant,
        "assessment_id": assessment,
        "rating_id": rating,
        "sheet_id": sheet,
        "plan_id": plan,
        "goal_id": goal,
        "action_id": action,
    }
    texts = {
        "block_id": INSTRUMENT.blocks[0].id,
        "milestone": MILESTONE,
        "kind": "svg",
        "figure": "clinics",
        "picture": "run-chart",
        "key": key,
    }
    texts["reset_secret"] = reset_secret
    texts["invitation_secret"] = invitation_secret
    texts["first_run_code"] = first_run_code(str(app.secret_key))
    texts["code"] = code
    return Things({name: str(number) for name, number in numbers.items()} | texts)


def bundle_of(person_id: int, *, secret: str, words: str = "") -> int:
    """A data bundle that this person has asked for, and that nobody makes."""
    bundle_id = asking.ask_for_bundle(
        person_id=person_id, query="", words=words, url="http://localhost", secret=secret
    )
    db.session.commit()
    return bundle_id


def _somebody_with_a_role(clinic_id: int) -> tuple[int, int]:
    """The clinic's organization, and a grant that nobody in the cast needs."""
    clinic = db.session.get_one(Clinic, clinic_id)
    person = service.create_person(email=f"extra{clinic_id}@example.org", name="Extra")
    grant = service.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
    return clinic.organization_id, grant.id


def _browser_of(person_id: int) -> int:
    """A further browser in which the person is signed in."""
    token = sign_ins.start(person_id, method=Method.PASSWORD)
    db.session.commit()
    return list_browsers(person_id, token=token)[0].id


def _invite(clinic_id: int, email: str) -> tuple[int, str]:
    """An invitation to the clinic that waits: its number and the secret of its link."""
    token, secret = tokens.issue(
        purpose=Purpose.INVITATION,
        email=email,
        lifetime=timedelta(days=1),
        role=Role.MEMBER,
        organization_id=db.session.get_one(Clinic, clinic_id).organization_id,
        clinic_id=clinic_id,
    )
    db.session.commit()
    return token.id, secret
