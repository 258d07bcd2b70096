"""`flask assess recompute` finds what somebody changed by hand, says so, and puts it right."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from assess.answers import AnswerValue
from assess.history.reading import parse_history
from assess.history.storing import import_history
from assess.meeting import agreeing
from assess.models import BlockScore
from assess.queries.rollups import read_rollups
from assess.rollup.making import pack_scores
from assess.rollup.models import AssessmentRollup
from assess.rollup.recomputing import list_assessment_ids, recompute
from core import clock
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.core.test_migrations import go_back_and_come_again

INSTRUMENT = catalog.get("six_building_blocks")
BLOCK = INSTRUMENT.blocks[0]
HISTORY = f"""clinic,quarter,milestone,level
Old Clinic,2025Q1,{INSTRUMENT.milestones[0].key},3
Old Clinic,2025Q1,{INSTRUMENT.milestones[1].key},2
"""
SCORES = f"clinic,quarter,block,score\nOld Clinic,2025Q2,{BLOCK.id},2.5\n"


def run(app: Flask, *options: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=["assess", "recompute", *options], catch_exceptions=False
    )
    return result.exit_code, result.output


def agree(assessment_id: int) -> None:
    for one in INSTRUMENT.milestones:
        decision = agreeing.Decision(one.key, AnswerValue.level(2))
        agreeing.agree_level(assessment_id=assessment_id, decision=decision)
    agreeing.finish_agreement(assessment_id=assessment_id)
    db.session.commit()


@pytest.fixture
def assessments(app: Flask, cast: Cast) -> list[int]:
    """Agreed, shown, open; and two from earlier records, by levels and by scores."""
    with app.app_context():
        keys = []
        for clinic, quarter in (
            (cast.clinic, "2026Q2"), (cast.clinic, "2026Q3"), (cast.sister_clinic, "2026Q3"),
        ):  # fmt: skip
            keys.append(seeding.open_assessment(clinic, quarter))
        seeding.rate_all(keys[0], cast.member, 3)
        seeding.reveal(keys[0])
        agree(keys[0])
        seeding.rate_all(keys[1], cast.second_member, 4)
        seeding.reveal(keys[1])
        for content in (HISTORY, SCORES):
            import_history(
                parse_history(
                    content.encode(),
                    INSTRUMENT,
                    today=clock.today(),
                    organization="Old",
                    first_quarter=None,
                )
            )
        db.session.commit()
        return keys


def test_what_blockwise_stored_does_not_differ(
    app: Flask, assessments: list[int], count_statements: CountStatements
) -> None:
    code, output = run(app, "--check")
    assert (code, output) == (0, "5 assessments recomputed: nothing differs.\n")
    with app.app_context(), count_statements() as seen:
        assert recompute(list_assessment_ids(), check=True) == ()
        assert len(seen) <= 7, seen


def test_changed_numbers_are_named_and_put_right(app: Flask, assessments: list[int]) -> None:
    agreed, shown, _ = assessments
    with app.app_context():
        before = read_rollups(None, INSTRUMENT.slug, with_levels=True)
        db.session.execute(
            update(BlockScore)
            .where(BlockScore.assessment_id == shown, BlockScore.block == BLOCK.id)
            .values(score=1.25)
        )
        db.session.execute(
            update(AssessmentRollup)
            .where(AssessmentRollup.assessment_id == agreed, AssessmentRollup.basis == "agreed")
            .values(scores=pack_scores([1.5] + [2.0] * 6), raters=9, level_counts=b"torn")
        )
        db.session.execute(
            delete(AssessmentRollup).where(AssessmentRollup.assessment_id == agreed + 3)
        )
        db.session.commit()
    code, output = run(app, "--check")
    assert code == 1
    assert "Nothing was changed" in output
    expected = f"""Alder Clinic, Q2 2026 (assessment {agreed})
  rollup (agreed by the team), raters: was 9, is 1
  rollup (agreed by the team), score “{BLOCK.title}”: was 1.5, is 2.0
  rollup (agreed by the team): the counts of levels could not be read
Alder Clinic, Q3 2026 (assessment {shown})
  “{BLOCK.title}” (mean of ratings), score: was 1.25, is 4.0
Old Clinic, Q1 2025 (assessment {agreed + 3})
  rollup (agreed by the team): was not there
"""
    assert output.startswith(expected)
    code, output = run(app)
    assert (code, output.splitlines()[-1]) == (
        0,
        "5 assessments recomputed, 3 differ. The stored numbers were put right.",
    )
    assert run(app, "--check")[0] == 0
    with app.app_context():
        after = read_rollups(None, INSTRUMENT.slug, with_levels=True)
        for key in before.keys:
            assert str(after.score(key)) == str(before.score(key))
        events = db.session.scalars(select(AuditEvent).filter_by(action="scores.recomputed")).all()
        assert [event.subject.split(",")[0] for event in events] == [
            f"assessment {key}" for key in (agreed, shown, agreed + 3)
        ]


def test_an_open_assessment_has_no_scores_whoever_put_them_there(
    app: Flask, assessments: list[int], cast: Cast
) -> None:
    still_open = assessments[2]
    with app.app_context():
        row = db.session.get_one(BlockScore, (assessments[1], "overall", "ratings"))
        db.session.add(
            BlockScore(
                organization_id=row.organization_id, clinic_id=cast.sister_clinic,
                assessment_id=still_open, block="overall", basis="ratings", score=3.0,
            )
        )  # fmt: skip
        db.session.commit()
    assert "overall (mean of ratings): was there and should not be" in run(app)[1]
    assert run(app, "--check")[0] == 0


def test_the_rollups_of_an_older_database_are_made_when_it_is_upgraded(
    app: Flask, assessments: list[int], database_url: str
) -> None:
    with app.app_context():
        db.engine.dispose()
        go_back_and_come_again(database_url, "0005")
        assert len(read_rollups(None, INSTRUMENT.slug).assessment_ids) == 4
        db.session.rollback()
    assert run(app, "--check") == (0, "5 assessments recomputed: nothing differs.\n")


def test_a_person_needs_to_administer_the_program(
    app: Flask, cast: Cast, assessments: list[int]
) -> None:
    code, output = run(app, "--as", "lead@example.org")
    assert code == 1
    assert "Nothing was changed" in output
