"""What should be stored of an assessment's scores, and in words how what is stored differs."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assess.answers import Answers
from assess.basis import basis_words
from assess.history.cells import OVERALL
from assess.rollup.making import (
    PREFERRED,
    Rollup,
    imported_rollup,
    rollups_of,
    unpack_counts,
    unpack_scores,
)
from assess.scoring import AssessmentScores, Basis, score_assessment
from questionnaires.instrument import Instrument

Row = Mapping[str, Any]

_COLUMNS = {
    "score": "score",
    "answered": "milestones with a level",
    "milestones": "milestones",
    "raters": "raters",
    "sd": "spread",
    "met": "milestones met",
    "is_preferred": "counts",
    "questionnaire": "questionnaire",
    "questionnaire_version_id": "version of the questionnaire",
    "quarter": "quarter",
    "organization_id": "organization",
    "clinic_id": "clinic",
}


@dataclass(frozen=True, slots=True)
class Derived:
    """Rows of block_score by basis and block, and of assessment_rollup by basis, as columns."""

    scores: Mapping[tuple[str, str], Row]
    rollups: Mapping[str, Row]


def derive(
    instrument: Instrument,
    *,
    is_rated: bool,
    ratings: Sequence[Answers],
    agreed: Answers,
    imported: Mapping[str, Row],
) -> tuple[tuple[AssessmentScores, ...], tuple[Rollup, ...]]:
    """The scores and rollups of a revealed assessment, as reveal, agreement or import made them.

    `is_rated`: people rated it here, so that there is a score of their ratings even without any.
    `imported` are the rows of imported scores by block: they have nothing behind them.
    """
    scores = [score_assessment(instrument, ratings)] if is_rated else []
    if agreed:
        scores.append(score_assessment(instrument, ratings, agreed))
    rollups = list(rollups_of(instrument, ratings, agreed, scores))
    if imported:
        known = {block: row["score"] for block, row in imported.items()}
        rollups.append(imported_rollup(instrument, known, known.get(OVERALL)))
    best = min((one.basis for one in rollups), key=PREFERRED.index, default=None)
    return tuple(scores), tuple(replace(one, is_preferred=one.basis is best) for one in rollups)


def differences(instrument: Instrument, was: Derived, now: Derived) -> Iterator[str]:
    """One line for each number that is not what it should be."""
    titles = {block.id: f"“{block.title}”" for block in instrument.blocks} | {OVERALL: "overall"}
    for basis, block in sorted(was.scores.keys() | now.scores.keys()):
        name = f"{titles.get(block, block)} ({_words(basis)})"
        stored, right = was.scores.get((basis, block)), now.scores.get((basis, block))
        if stored is None or right is None:
            yield _presence(f"score {name}", right)
        else:
            yield from _columns(name, stored, right)
    for basis in sorted(was.rollups.keys() | now.rollups.keys()):
        name = f"rollup ({_words(basis)})"
        stored, right = was.rollups.get(basis), now.rollups.get(basis)
        if stored is None or right is None:
            yield _presence(name, right)
        else:
            yield from _columns(name, stored, right)
            yield from _packed_scores(name, instrument, stored["scores"], right["scores"])
            yield from _packed_counts(
                name, instrument, stored["level_counts"], right["level_counts"]
            )


def _presence(name: str, right: Row | None) -> str:
    return f"{name}: {'was not there' if right is not None else 'was there and should not be'}"


def _columns(name: str, stored: Row, right: Row) -> Iterator[str]:
    for column, words in _COLUMNS.items():
        if column in right and stored[column] != right[column]:
            yield f"{name}, {words}: was {_text(stored[column])}, is {_text(right[column])}"


def _packed_scores(name: str, instrument: Instrument, was: bytes, now: bytes) -> Iterator[str]:
    if was == now:
        return
    try:
        before = unpack_scores(was)
    except struct.error:
        before = ()
    after = unpack_scores(now)
    if len(before) != len(after):
        yield f"{name}: the scores could not be read"
        return
    titles = (*(f"“{block.title}”" for block in instrument.blocks), "overall")
    for title, old, new in zip(titles, before, after, strict=True):
        if old != new:
            yield f"{name}, score {title}: was {_text(old)}, is {_text(new)}"


def _packed_counts(name: str, instrument: Instrument, was: bytes, now: bytes) -> Iterator[str]:
    if was == now:
        return
    try:
        before = unpack_counts(instrument, was)
    except struct.error:
        before = {}
    after = unpack_counts(instrument, now)
    if before.keys() != after.keys():
        yield f"{name}: the counts of levels could not be read"
        return
    for milestone in instrument.milestones:
        old, new = before[milestone.key], after[milestone.key]
        if old != new:
            yield (
                f"{name}, how many gave each level of “{milestone.title}”: "
                f"was {_list(old)}, is {_list(new)}"
            )


def _words(basis: str) -> str:
    return basis_words(Basis(basis)) if basis in set(Basis) else basis


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _list(counts: Sequence[int]) -> str:
    return ", ".join(str(count) for count in counts)
