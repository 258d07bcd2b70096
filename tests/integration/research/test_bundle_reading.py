"""What is read for a data bundle: what was stored, of the clinics in reach, and nothing written."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Clinic, Role
from accounts.viewer import HeldGrant, Viewer
from assess.answers import DONT_KNOW, AnswerValue
from assess.meeting.agreeing import Decision, agree_level
from assess.scoring import Basis
from core.db import db
from questionnaires import catalog
from research.bundle.writing import write_bundle
from research.bundling.gathering import gather
from research.queries import bundle
from research.selection import Selection, Source
from research.studying import get_study
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements

RESEARCHER = Viewer(0, "R", "", (HeldGrant(Role.RESEARCHER, None, None),))
KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
SECRETS = (
    "Alder",
    "Birch",
    "Cedar",
    "North Health",
    "example.org",
    "because of Pat",
    "Pat objects",
)


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    """Five rate, the team agrees on two milestones; another clinic has one rater."""
    with app.app_context():
        found = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.rate_all(found, cast.member, 4)
        for number in range(4):
            seeding.key_in(found, f"Form {number}", level=1 + number % 3)
        seeding.reveal(found)
        for key, value in ((KEYS[0], AnswerValue.level(3)), (KEYS[1], DONT_KNOW)):
            agree_level(
                assessment_id=found,
                decision=Decision(key, value, "because of Pat", "Pat objects"),
            )
        other = seeding.open_assessment(cast.sister_clinic, "2026Q2")
        seeding.key_in(other)
        seeding.reveal(other)
        db.session.commit()
        return found


def test_it_reads_what_was_stored(app: Flask, cast: Cast, assessment: int) -> None:
    with app.app_context():
        study = get_study(RESEARCHER, Selection(source=Source.RATINGS))
        assert study is not None
        read = {one.assessment_id: one for one in bundle.read_assessments(study)}
        assert read.keys() == {one.id for one in study.assessments}
        found = read[assessment]
        first, second, third = (found.milestones[key] for key in KEYS[:3])
    # levels 1, 2, 3 and 1 on paper, 4 of the member
    assert first.counts == second.counts == third.counts == (2, 1, 1, 1)
    assert (first.agreed, second.agreed, third.agreed) == (
        AnswerValue.level(3),
        DONT_KNOW,
        None,
    )
    assert found.scores["overall"] == pytest.approx(11 / 5)
    assert len(found.scores) == 7


def test_few_clinics_at_a_time_give_the_same(
    app: Flask,
    cast: Cast,
    assessment: int,
    count_statements: CountStatements,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with app.app_context():
        study = get_study(RESEARCHER, Selection())
        assert study is not None
        with count_statements() as statements:
            together = list(bundle.read_assessments(study))
        assert len(statements) == 3
        monkeypatch.setattr(bundle, "AT_ONCE", 1)
        assert list(bundle.read_assessments(study)) == together
        assert {one.basis for one in study.assessments} == {Basis.RATINGS}


def test_no_name_and_no_word_that_somebody_wrote_leaves(
    app: Flask, cast: Cast, assessment: int
) -> None:
    with app.app_context():
        names = db.session.scalars(select(Clinic.name)).all()
        gathered = gather(RESEARCHER, Selection(), url="http://localhost")
        assert gathered is not None
        assert len(names) == 3
        assert gathered.clinic_ids == {cast.clinic, cast.sister_clinic}
    file = io.BytesIO()
    write_bundle(gathered.content, file)
    with zipfile.ZipFile(file) as files:
        for name in files.namelist():
            content = files.read(name)
            for secret in SECRETS:
                assert secret.encode() not in content, (name, secret)
                assert secret.encode("utf-16-le") not in content, (name, secret)


def test_nobody_takes_more_than_they_reach(app: Flask, cast: Cast, assessment: int) -> None:
    coach = Viewer(0, "C", "", (HeldGrant(Role.COACH, cast.organization, cast.sister_clinic),))
    with app.app_context():
        gathered = gather(coach, Selection(), url="http://localhost")
        assert gathered is not None
        assert gathered.clinic_ids == {cast.sister_clinic}


def test_one_raters_score_has_no_code(app: Flask, cast: Cast, assessment: int) -> None:
    """Birch Clinic has one rating: its own people read the score, nobody under a code does."""
    coach = Viewer(0, "C", "", (HeldGrant(Role.COACH, cast.organization, cast.sister_clinic),))
    with app.app_context():
        study = get_study(RESEARCHER, Selection())
        own = get_study(coach, Selection())
        gathered = gather(coach, Selection(), url="http://localhost")
    assert study is not None
    assert own is not None
    assert gathered is not None
    for found in study.observations.values():
        assert len(found.subjects) == 1
    assert (study.withheld, len(study.assessments)) == (1, 2)
    assert study.basis_note.startswith("All scores: mean of ratings. One assessment lacks scores")
    assert (own.withheld, len(own.observations["overall"].rows)) == (0, 1)
    (one,) = gathered.content.assessments
    assert (set(one.scores.values()), one.met) == ({None}, None)
    assert any("fewer than 3 ratings" in sentence for sentence in gathered.content.withheld)
