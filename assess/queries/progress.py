"""Reads how far rating is, in counts. No answers, and never who.

The counts of rating do not depend on who is asked, so that changing that tells nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, exists, or_, select

from accounts.models import Person
from assess.following.counting import NOT_SAID, SMALLEST, Asked, Count, count, count_by_job
from assess.models import Assessment, Rating
from assess.queries.asked import is_asked, works_there
from core.db import db

WAYS = {
    "web": "By the join link, without an account",
    "paper": "On paper",
    "import": "From an Excel file",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far rating is: with accounts, also by job, and by the ways without one.

    `given` are the days of all finished ratings.
    """

    asked: Count
    asks_everyone: bool
    jobs: tuple[Count, ...]
    others: tuple[Count, ...]
    given: tuple[date, ...]

    @property
    def finished(self) -> int:
        return self.asked.finished + sum(one.finished for one in self.others)

    @property
    def is_complete(self) -> bool:
        """Whether as many have finished as are asked."""
        return 0 < self.asked.asked <= self.asked.finished

    @property
    def left(self) -> int | None:
        """How many of those asked have not finished; None where that is not told."""
        is_told = self.asks_everyone and self.asked.asked >= SMALLEST
        return max(self.asked.asked - self.asked.finished, 0) if is_told else None


def get_progress(assessment_id: int) -> Progress:
    """How far rating is (two statements, whatever the number of raters)."""
    has_rating = exists().where(
        Rating.assessment_id == Assessment.id, Rating.person_id == Person.id
    )
    people = db.session.execute(
        select(
            Person.id,
            Person.job_role,
            is_asked().label("is_asked"),
            Assessment.asks_everyone,
        )
        .select_from(Assessment)
        .join(Person, or_(works_there(), has_rating))
        .where(Assessment.id == assessment_id)
    ).all()
    ratings = db.session.execute(
        select(Rating.person_id, Rating.source, Rating.submitted_at, Rating.paper_on).where(
            Rating.assessment_id == assessment_id
        )
    ).all()
    finished = {row.person_id: row.submitted_at is not None for row in ratings if row.person_id}
    accounts = [
        Asked(
            row.job_role or NOT_SAID,
            row.id in finished,
            finished.get(row.id, False),
            bool(row.is_asked),
        )
        for row in people
    ]
    return Progress(
        asked=count("Everybody with an account", accounts),
        asks_everyone=all(row.asks_everyone for row in people),
        jobs=count_by_job(accounts),
        others=_others(row for row in ratings if row.person_id is None),
        given=tuple(
            row.paper_on or row.submitted_at.date()
            for row in ratings
            if row.submitted_at is not None
        ),
    )


def _others(ratings: Iterable[Row[*tuple[Any, ...]]]) -> tuple[Count, ...]:
    """Ratings of joined devices, from paper and from files."""
    groups: dict[str, list[Asked]] = {name: [] for name in WAYS.values()}
    for row in ratings:
        groups[WAYS[row.source]].append(
            Asked(NOT_SAID, True, row.submitted_at is not None, is_asked=False)
        )
    return tuple(count(way, rated) for way, rated in groups.items() if rated)
