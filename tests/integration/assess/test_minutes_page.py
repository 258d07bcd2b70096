"""The minutes: what they tell, to whom, from when on, as page and PDF, in how many statements."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import page as page_validation
import pypdf
import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Organization
from assess.answers import DONT_KNOW, AnswerValue
from assess.following.models import AssessmentStep
from assess.meeting import agreeing, parking, revotes, state
from assess.meeting.agreeing import Decision
from assess.models import AgreedLevel, Assessment
from assess.queries.heads import get_assessment_head
from assess.queries.minutes import get_minutes
from core import clock, pdf
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess.program_scores import store
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]

MILESTONES = catalog.get("six_building_blocks").milestones
KEYS = [one.key for one in MILESTONES]
TWO, THREE = AnswerValue.level(2), AnswerValue.level(3)


@dataclass(frozen=True, slots=True)
class Meetings:
    """A met and agreed assessment, after one of the quarter before that nobody met about."""

    before: int
    held: int


def agree(assessment: int, key: str, value: AnswerValue, cast: Cast, **texts: str) -> None:
    before = db.session.get(AgreedLevel, (assessment, key))
    seen = agreeing.mark(before.agreed_at) if before else ""
    agreeing.agree_level(
        assessment_id=assessment,
        decision=Decision(key, value, seen=seen, **texts),
        person_id=cast.lead,
    )
    db.session.commit()


@pytest.fixture
def meetings(app: Flask, cast: Cast) -> Meetings:
    with app.app_context():
        before = seeding.open_assessment(cast.clinic, "2026Q3")
        seeding.rate_all(before, cast.member, 1)
        seeding.reveal(before)
        held = seeding.open_assessment(cast.clinic, "2026Q4")
        rating = seeding.start_rating(held, cast.member)
        seeding.rate(
            rating, {**dict.fromkeys(KEYS, TWO), KEYS[3]: DONT_KNOW}, {KEYS[0]: "Binder of June"}
        )
        seeding.finish(rating)
        seeding.rate_all(held, cast.second_member, 3)
        seeding.reveal(held)
        state.start(
            assessment_id=held, person_id=cast.coach, attendance="Dr. Lee and the front desk"
        )
        revotes.open_revote(assessment_id=held, milestone=KEYS[1], person_id=cast.lead)
        seeding.vote(held, KEYS[1], {cast.member: TWO, cast.second_member: TWO})
        revotes.reveal_revote(assessment_id=held, milestone=KEYS[1], number=1)
        agree(held, KEYS[0], THREE, cast, rationale="At first we said three")
        agree(
            held, KEYS[0], TWO, cast, rationale="Charts of May show it", dissent="One sees four 四"
        )
        parking.park(assessment_id=held, milestone=KEYS[2], reason="The vendor must answer")
        db.session.commit()
        return Meetings(before, held)


def finish(app: Flask, cast: Cast, assessment: int) -> None:
    with app.app_context():
        for key in KEYS[1:]:
            agree(assessment, key, TWO, cast)
        agreeing.finish_agreement(assessment_id=assessment)
        db.session.commit()


def page(client: CheckingClient, assessment: int) -> str:
    answer = client.get(f"/assessments/{assessment}/minutes")
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


def test_a_member_reads_what_was_said(cast: Cast, signed_in: SignedIn, meetings: Meetings) -> None:
    text = page(signed_in(cast.member), meetings.held)
    for expected in (
        "The team agreed on 1 of 26 milestones. 1 is parked.",
        "Draft",
        "started by Coach",
        "Dr. Lee and the front desk",
        "2 finished ratings.",
        "Charts of May show it",
        "One sees four",
        "Agreed before:</strong> 3 Partly in place",
        "At first we said three",
        "Second vote:</strong> 2 chose 2.",
        "The vendor must answer",
        "Binder of June",
        "2 ratings from 2 to 3, mean 2.5",
        "1 rating at 3; 1 did not know",
        "Overall score <strong>2.5</strong>, mean of 2 ratings.",
        "Q3 2026: 1.0, mean of 1 rating.",
        "Lead",
    ):
        assert expected in text, expected
    assert "Member" not in text.split("<main")[1]  # who rated stays unnamed


def test_after_the_agreement_the_minutes_are_no_draft(
    app: Flask, cast: Cast, signed_in: SignedIn, meetings: Meetings
) -> None:
    finish(app, cast, meetings.held)
    text = page(signed_in(cast.member), meetings.held)
    assert "Draft" not in text
    assert "The team agreed on all 26 milestones." in text
    assert "2.0</strong>, agreed by the team." in text
    assert "Parked" not in text


def test_a_quarter_that_nobody_met_about_has_its_ratings(
    app: Flask, cast: Cast, signed_in: SignedIn, meetings: Meetings
) -> None:
    text = page(signed_in(cast.coach), meetings.before)
    assert "The team has not agreed on a level yet." in text
    assert "Who was there" not in text
    with app.app_context():
        seeding.close(meetings.before)
    text = page(signed_in(cast.coach), meetings.before)
    assert "The assessment was closed before the team agreed on a level." in text
    assert "Assessment closed" in text


def test_a_quarter_taken_over_from_earlier_records_says_so(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        store([("North Program", "Clinic 1", "2026Q1", 2.5)])
        imported = db.session.scalars(select(Assessment.id)).one()
    text = page(signed_in(cast.administrator), imported)
    assert "There was no meeting here." in text
    assert "Scores taken over from earlier records" in text
    assert "Rating opened" not in text
    assert "What the team agreed on" not in text


def test_the_clinic_and_the_results_lead_to_the_minutes_and_name_the_basis(
    app: Flask, cast: Cast, signed_in: SignedIn, meetings: Meetings
) -> None:
    finish(app, cast, meetings.held)
    client = signed_in(cast.member)
    clinic = " ".join(client.get(f"/clinics/{cast.clinic}").text.split())
    link = f'href="/assessments/{meetings.held}/minutes"'
    assert link in clinic
    assert '2.0<span class="muted small count-line">agreed by the team' in clinic
    assert '1.0<span class="muted small count-line">mean of 1 rating<' in clinic
    note = "Q3 2026: mean of ratings; Q4 2026: agreed by the team."
    assert note in clinic
    results = " ".join(client.get(f"/assessments/{meetings.held}/results").text.split())
    assert link in results
    assert note in results


def test_reopening_is_told_with_its_reason(
    app: Flask, cast: Cast, signed_in: SignedIn, meetings: Meetings
) -> None:
    with app.app_context():
        one = db.session.get_one(Assessment, meetings.held)
        db.session.add(
            AssessmentStep(
                organization_id=one.organization_id,
                clinic_id=one.clinic_id,
                assessment_id=one.id,
                step="reopened",
                reason="A level was keyed wrong",
                person_id=cast.coach,
                at=clock.now(),
            )
        )
        db.session.commit()
    text = page(signed_in(cast.member), meetings.held)
    assert "Assessment opened again by Coach: A level was keyed wrong" in text


def test_before_the_reveal_there_are_none(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment, cast.member)
    for name in ("minutes", "minutes.pdf"):
        for person in (cast.member, cast.lead, cast.administrator):
            answer = signed_in(person).get(f"/assessments/{assessment}/{name}")
            assert answer.status_code == 302
            assert answer.headers["Location"].endswith(f"/assessments/{assessment}/results")


def test_the_pdf_is_accessible_short_and_the_same_each_time(
    app: Flask, cast: Cast, signed_in: SignedIn, meetings: Meetings
) -> None:
    with app.app_context():
        db.session.get_one(Organization, cast.organization).is_demo = True
        db.session.commit()
    finish(app, cast, meetings.held)
    client = signed_in(cast.member)
    answer = client.get(f"/assessments/{meetings.held}/minutes.pdf")
    assert answer.mimetype == "application/pdf"
    assert "Minutes_Q4_2026_Alder_Clinic.pdf" in answer.headers["Content-Disposition"]
    assert page_validation.is_pdf_compliant_bytes(
        answer.data, profile=page_validation.ValidationProfile.PDF_UA_1
    )
    assert 2 <= len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) <= 5
    text = words(answer.data)
    for expected in (
        "Alder Clinic Minutes, Q4 2026",
        "Fictional demonstration",
        "The team agreed on all 26 milestones.",
        "Charts of May show it",
        "Agreed before: 3 Partly in place",
        "Second vote: 2 chose 2.",
        "stands for a character that this paper cannot show",
        "agreed by the team. Q3 2026: 1.0, mean of 1 rating.",
        "Six Building Blocks self-assessment 1.0.0",
        f"/assessments/{meetings.held}/minutes",
    ):
        assert expected in text, expected
    assert client.get(f"/assessments/{meetings.held}/minutes.pdf").data == answer.data


def test_without_pango_the_answer_leads_to_the_page(
    cast: Cast, signed_in: SignedIn, meetings: Meetings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf._press.cache_clear()
    answer = signed_in(cast.member).get(f"/assessments/{meetings.held}/minutes.pdf")
    assert answer.status_code == 503
    assert f'href="/assessments/{meetings.held}/minutes"' in answer.text


def test_the_minutes_take_eleven_statements_whatever_was_said(
    app: Flask, cast: Cast, meetings: Meetings, count_statements: CountStatements
) -> None:
    counts = []
    for finished in (False, True):
        if finished:
            finish(app, cast, meetings.held)
        with app.app_context():
            head = get_assessment_head(meetings.held)
            with count_statements() as seen:
                get_minutes(head)
            counts.append(len(seen))
    assert counts == [11, 11]


def test_the_page_takes_a_fixed_number_of_statements(
    cast: Cast, signed_in: SignedIn, meetings: Meetings, count_statements: CountStatements
) -> None:
    client = signed_in(cast.member)
    page(client, meetings.held)
    with count_statements() as seen:
        page(client, meetings.held)
    assert len(seen) <= 15
