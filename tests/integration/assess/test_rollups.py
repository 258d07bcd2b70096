"""Rollups come and go with the scores, and are read as arrays in one statement."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from assess.answers import DONT_KNOW, AnswerValue
from assess.following import steps
from assess.meeting import agreeing
from assess.models import BlockScore
from assess.queries.rollups import read_rollups
from assess.rollup.models import AssessmentRollup
from assess.scoring import Basis
from core import tenancy
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess import program_scores

INSTRUMENT = catalog.get("six_building_blocks")
KEYS = [one.key for one in INSTRUMENT.milestones]


def bases(assessment_id: int) -> dict[str, bool]:
    """Which rollups an assessment has, and which of them counts."""
    rows = db.session.execute(
        select(AssessmentRollup.basis, AssessmentRollup.is_preferred).filter_by(
            assessment_id=assessment_id
        )
    )
    return {row.basis: row.is_preferred for row in rows}


def agree(assessment_id: int, level: int) -> None:
    for key in KEYS:
        decision = agreeing.Decision(key, AnswerValue.level(level))
        agreeing.agree_level(assessment_id=assessment_id, decision=decision)
    agreeing.finish_agreement(assessment_id=assessment_id)
    db.session.commit()


@pytest.fixture
def rated(app: Flask, cast: Cast) -> int:
    """Two ratings that differ in one milestone, and one that nobody could rate."""
    with app.app_context():
        key = seeding.open_assessment(cast.clinic, "2026Q3")
        levels = dict.fromkeys(KEYS, 3)
        seeding.rate_all(key, cast.member, levels | {KEYS[0]: 4, KEYS[-1]: DONT_KNOW})
        seeding.rate_all(key, cast.second_member, levels | {KEYS[-1]: DONT_KNOW})
        return key


def test_they_follow_the_scores_from_the_reveal_to_the_agreement_and_back(
    app: Flask, rated: int
) -> None:
    with app.app_context():
        assert bases(rated) == {}
        seeding.reveal(rated)
        assert bases(rated) == {"ratings": True}
        steps.hide_again(assessment_id=rated, reason="Too early", has_plan=lambda _: False)
        db.session.commit()
        assert bases(rated) == {}
        seeding.reveal(rated)
        agree(rated, 2)
        assert bases(rated) == {"ratings": False, "agreed": True}


def test_what_is_read_is_what_was_scored(
    app: Flask, rated: int, count_statements: CountStatements
) -> None:
    with app.app_context():
        seeding.reveal(rated)
        stored = dict(db.session.execute(select(BlockScore.block, BlockScore.score)).all())
        with count_statements() as seen:
            table = read_rollups(None, INSTRUMENT.slug, with_levels=True)
        assert len(seen) == 1, seen
        assert table.quarter_names == ("2026Q3",)
        assert (table.assessment_ids.tolist(), table.raters.tolist()) == ([rated], [2])
        assert {key: table.score(key).tolist() for key in table.keys} == {
            key: [score] for key, score in stored.items()
        }
        (part,) = table.levels.values()
        values = dict(zip(part.milestones, part.values()[0].tolist(), strict=True))
        assert values[KEYS[0]] == 3.5
        assert math.isnan(values[KEYS[-1]])
        with pytest.raises(KeyError):
            table.score("no-such")
        agree(rated, 2)
        assert read_rollups(None, INSTRUMENT.slug).score("overall").tolist() == [2.0]
        before = read_rollups(None, INSTRUMENT.slug, Basis.RATINGS).score("overall")
        assert before.tolist() == [stored["overall"]]


def test_clinics_and_quarters_make_a_matrix_with_gaps(app: Flask) -> None:
    with app.app_context():
        program_scores.store(
            [
                ("Organization 1", "Clinic 1", "2026Q2", 2.5),
                ("Organization 1", "Clinic 1", "2026Q1", 2.0),
                ("Organization 2", "Clinic 2", "2026Q1", 3.0),
            ],
            only_blocks=("overall", INSTRUMENT.blocks[0].id),
        )
        table = read_rollups(None, INSTRUMENT.slug)
        expected = [[2.0, 2.5], [3.0, np.nan]]
        assert np.array_equal(table.matrix(table.score("overall")), expected, equal_nan=True)
        assert np.isnan(table.score(INSTRUMENT.blocks[1].id)).all()
        only = read_rollups([table.clinics[1]], INSTRUMENT.slug, Basis.IMPORTED, with_levels=True)
        assert (only.clinics, only.levels) == (table.clinics[1:], {})


def test_nothing_is_an_empty_table(app: Flask, cast: Cast) -> None:
    with app.app_context():
        table = read_rollups([cast.clinic], INSTRUMENT.slug)
        assert table.matrix(table.score("overall")).shape == (0, 0)


def test_nobody_reads_beyond_their_reach(app: Flask, rated: int, cast: Cast) -> None:
    with app.app_context():
        seeding.reveal(rated)
        with tenancy.nothing_yet():
            tenancy.know(tenancy.Reach(organizations=frozenset({cast.other_organization})))
            assert read_rollups(None, INSTRUMENT.slug).clinics == ()
            assert read_rollups([cast.clinic], INSTRUMENT.slug).clinics == ()
        db.session.rollback()
