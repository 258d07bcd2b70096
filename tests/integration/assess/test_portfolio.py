"""All assessments that a coach follows: whom to see, in which order, and several at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from accounts.models import Clinic, Organization
from assess.following.models import AssessmentStep, ReminderRound
from assess.models import Assessment, State
from core import clock, mail, smtp
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient, text_of, words_of

SignedIn = Callable[[int], CheckingClient]


def set_state(app: Flask, key: int, state: State) -> None:
    with app.app_context():
        moment = clock.now()
        values = {"state": state, "revealed_at": moment, "agreed_at": moment}
        db.session.execute(update(Assessment).where(Assessment.id == key).values(**values))
        db.session.commit()


def can_mail(app: Flask) -> None:
    server = smtp.parse_url("smtp://127.0.0.1:9?starttls=off")
    mail.init_app(app, mail.Mailbox(server, mail.parse_sender("blockwise@example.org")))


def test_sixty_clinics_take_as_many_statements_as_two(
    app: Flask, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
) -> None:
    with app.app_context():
        seeding.open_assessment(cast.clinic)
        seeding.open_assessment(cast.sister_clinic)
    coach = signed_in(cast.coach)
    with count_statements() as of_two:
        coach.get("/assessments")
    with app.app_context():
        north = db.session.get_one(Organization, cast.organization)
        added = [
            Clinic(
                organization_id=north.id,
                name=f"Clinic {number:02}",
                study_code=f"X{number:02}",
                baseline_quarter="2026Q1",
            )
            for number in range(58)
        ]
        db.session.add_all(added)
        db.session.commit()
        chosen = [str(one.id) for one in added]
    with count_statements() as seen:
        text = text_of(coach, "/assessments/open")
    assert "Nobody has an account yet, so nobody is asked: its staff rate by link." in text
    assert len(seen) <= 6
    done = coach.send("/assessments/open", {"clinics": chosen}).get_data(as_text=True)
    assert "58 assessments are opened" in done
    with count_statements() as of_sixty:
        text = text_of(coach, "/assessments")
    assert "All 60 go as planned." in text
    assert len(of_sixty) <= len(of_two) <= 6


def test_the_address_narrows_and_sorts(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        ready = seeding.open_assessment(cast.clinic)
        for one in (cast.member, cast.second_member, cast.lead):
            seeding.rate_all(ready, one)
        late = seeding.open_assessment(cast.sister_clinic)
        yesterday = clock.today() - timedelta(days=1)
        of_late = update(Assessment).where(Assessment.id == late)
        db.session.execute(of_late.values(due_on=yesterday))
        seeding.open_assessment(cast.other_clinic)
    coach = signed_in(cast.coach)
    late_only = text_of(coach, "/assessments?show=late")
    assert ("Birch Clinic" in late_only, "Alder Clinic" in late_only) == (True, False)
    assert "As many have finished as are asked." in text_of(coach, "/assessments?show=ready")
    assert "None like this" in text_of(coach, "/assessments?show=agreed")
    for order, first in (("", "Birch"), ("clinic", "Alder"), ("due", "Birch"), ("rated", "Birch")):
        text = text_of(coach, f"/assessments?order={order}")
        other = {"Birch": "Alder", "Alder": "Birch"}[first]
        assert text.index(f"{first} Clinic North") < text.index(f"{other} Clinic North"), order
    everything = signed_in(cast.administrator)
    found = text_of(everything, f"/assessments?organization={cast.other_organization}")
    assert ("Cedar Clinic" in found, "Alder Clinic" in found) == (True, False)
    assert "All organizations" not in text_of(coach, "/assessments")


def test_several_are_reminded_at_once_and_each_once_a_day(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        mine, sister, foreign = (
            seeding.open_assessment(one)
            for one in (cast.clinic, cast.sister_clinic, cast.other_clinic)
        )
        can_mail(app)
    coach = signed_in(cast.coach)
    nothing = coach.send("/assessments/remind", {"assessments": ["x", "0", str(10**30)]})
    assert "Choose where rating is open" in text_of(coach, nothing.location)
    coach.send(f"/assessments/{mine}/remind")
    chosen = {"assessments": [str(one) for one in (mine, sister, foreign)]}
    sent = coach.send("/assessments/remind?show=rating", chosen, page="/assessments")
    assert "show=rating" in sent.location
    text = text_of(coach, sent.location)
    assert "Reminders are on their way in 1 clinic" in text
    assert "1 clinic had a reminder today already." in text
    again = coach.send("/assessments/remind", chosen)
    assert "Nobody was reminded again today" in text_of(coach, again.location)
    with app.app_context():
        rounds = db.session.scalars(select(ReminderRound.assessment_id)).all()
        assert sorted(rounds) == sorted([mine, sister])


def test_what_is_agreed_is_closed_at_once_after_asking(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        agreed, open_, shown, foreign = (
            seeding.open_assessment(clinic, quarter)
            for clinic, quarter in (
                (cast.clinic, "2026Q2"),
                (cast.clinic, "2026Q3"),
                (cast.sister_clinic, "2026Q3"),
                (cast.other_clinic, "2026Q3"),
            )
        )
    for key, state in (
        (agreed, State.AGREED),
        (shown, State.REVEALED),
        (foreign, State.AGREED),
    ):
        set_state(app, key, state)
    coach = signed_in(cast.coach)
    chosen = {"assessments": [str(one) for one in (agreed, open_, shown, foreign)]}
    asked = coach.send("/assessments/close", chosen, page="/assessments")
    text = words_of(asked.get_data(as_text=True))
    assert "Close 1 assessment?" in text
    assert "Birch Clinic, Q3 2026 : the team has not agreed on levels yet." in text
    assert "Alder Clinic, Q3 2026 : rating is open." in text
    assert "Cedar" not in text
    done = coach.send("/assessments/close", {**chosen, "sure": "1"})
    assert "Closed in 1 clinic" in text_of(coach, done.location)
    with app.app_context():
        states = {one: db.session.get_one(Assessment, one).state for one in (agreed, open_, shown)}
        assert states == {agreed: "closed", open_: "open", shown: "revealed"}
        assert db.session.get_one(Assessment, foreign).state == "agreed"
        assert db.session.scalars(
            select(AssessmentStep.person_id).where(AssessmentStep.step == "closed")
        ).all() == [cast.coach]
    assert "Nothing to close" in coach.send("/assessments/close", {}).get_data(as_text=True)
