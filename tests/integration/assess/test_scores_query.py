"""Of several stored scores the agreed one counts, then the imported one, then that of ratings."""

from __future__ import annotations

from flask import Flask

from assess.models import BlockScore
from assess.queries.scores import scores_of
from assess.scoring import Basis
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements


def store(cast: Cast, assessment_id: int, block: str, basis: Basis, score: float | None) -> None:
    db.session.add(
        BlockScore(
            organization_id=cast.organization,
            clinic_id=cast.clinic,
            assessment_id=assessment_id,
            block=block,
            basis=basis,
            score=score,
        )
    )
    db.session.commit()


def test_the_best_basis_counts_for_each_block(
    app: Flask, cast: Cast, count_statements: CountStatements
) -> None:
    with app.app_context():
        first = seeding.open_assessment(cast.clinic, "2026Q1")
        second = seeding.open_assessment(cast.clinic, "2026Q2")
        store(cast, first, "overall", Basis.RATINGS, 2.0)
        store(cast, first, "overall", Basis.AGREED, None)
        store(cast, first, "tracking", Basis.RATINGS, 1.5)
        store(cast, second, "overall", Basis.RATINGS, 3.0)
        store(cast, second, "overall", Basis.IMPORTED, 3.5)
        db.session.connection()  # on PostgreSQL a transaction begins by saying its reach
        with count_statements() as seen:
            scores = scores_of([first, second, 999])
    assert len(seen) == 1
    assert {block: (s.basis, s.score) for block, s in scores[first].items()} == {
        "overall": (Basis.AGREED, None),
        "tracking": (Basis.RATINGS, 1.5),
    }
    assert scores[second]["overall"].score == 3.5
    assert scores[999] == {}


def test_no_assessments_need_no_scores(app: Flask) -> None:
    with app.app_context():
        assert scores_of([]) == {}
