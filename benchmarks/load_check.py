"""Compares the database with what the raters were told, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from assess.models import Answer, AnswerChange, Rating
from benchmarks.load_raters import Ledger
from core.db import db

EXAMPLES = 10
# rating, milestone, revision, level, note
Row = tuple[int, str, int, int | None, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """How many answers or changes are missing, stored twice, or otherwise not as told."""

    lost: int
    doubled: int
    other: int
    examples: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.other)


def compare(ledgers: Sequence[Ledger]) -> Difference:
    """Every present answer and every change in the history, each exactly once, and no others.

    For ledgers whose raters heard the outcome of all they sent.
    """
    now, history = _told(ledgers)
    stored_now = _rows(
        select(Answer.rating_id, Answer.milestone, Answer.revision, Answer.level, Answer.note)
    )
    stored_history = _rows(
        select(
            AnswerChange.rating_id,
            AnswerChange.milestone,
            AnswerChange.revision,
            AnswerChange.new_level,
            AnswerChange.new_note,
        )
    )
    finished = set(db.session.scalars(select(Rating.id).where(Rating.submitted_at.is_not(None))))
    unfinished = [
        f"rating {one.place.rating} does not count"
        for one in ledgers
        if one.is_finished and one.place.rating not in finished
    ]
    lost = (now - stored_now) + (history - stored_history)
    extra = (stored_now - now) + (stored_history - history)
    doubled = Counter({row: n for row, n in extra.items() if row in now or row in history})
    other = extra - doubled
    examples = [
        *_examples("lost", lost),
        *_examples("doubled", doubled),
        *_examples("nobody was told of", other),
        *unfinished,
    ]
    return Difference(
        lost.total(), doubled.total(), other.total() + len(unfinished), tuple(examples[:EXAMPLES])
    )


def _told(ledgers: Iterable[Ledger]) -> tuple[Counter[Row], Counter[Row]]:
    now: Counter[Row] = Counter()
    history: Counter[Row] = Counter()
    for ledger in ledgers:
        for milestone, all_of in ledger.told.items():
            rows: list[Row] = [
                (ledger.place.rating, milestone, one.revision, one.level, one.note)
                for one in all_of
            ]
            history.update(rows)
            now[rows[-1]] += 1
    return now, history


def _rows(statement: object) -> Counter[Row]:
    return Counter(tuple(row) for row in db.session.execute(statement))  # type: ignore[call-overload]


def _examples(words: str, rows: Counter[Row]) -> list[str]:
    return [f"{words}: {row} ({n} times)" for row, n in rows.most_common(EXAMPLES)]
