"""Reads and writes the JSON of the autosave contract (DESIGN, section 6), without Flask.

Request:  {"key": "…", "answers": [{"milestone": "…", "state": "level", "level": 3,
          "note": "…" (optional), "revision": 2, "keep": "…" (optional)}]}
Reply:    {"saved": {milestone: new revision}, "conflicts": [{"milestone", "status": 409,
          "revision", "mine": {…}, "theirs": {…}}]}; both sides carry state, level, words and note.
Refused:  {"error", "message", "problems": [{"milestone", "field", "message", "keep"}]}; where there
          is a "keep", sending the answer again with it stores the note in spite of the warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assess.answers import AnswerState, AnswerValue, SentAnswer, clean_note, words
from assess.rating.merging import Clash, Merge
from core.errors import BlockwiseError
from questionnaires.instrument import Instrument

LONGEST_KEY = 64
MOST_ANSWERS = 500


class NotABatch(BlockwiseError):
    """The body is not what the contract describes."""

    status = 422
    title = "These answers cannot be read"


@dataclass(frozen=True, slots=True)
class Batch:
    """The answers of one request and its idempotency key."""

    key: str | None
    answers: tuple[SentAnswer, ...]


def read_batch(body: object) -> Batch:
    """Check the shape of a request body. Raises NotABatch naming the field and the fix."""
    if not isinstance(body, dict) or not isinstance(body.get("answers"), list):
        raise NotABatch("Send an object with a list named “answers”.")
    key = body.get("key")
    if key is not None and not _is_key(key):
        raise NotABatch(f"“key” must be a text of 1 to {LONGEST_KEY} printable characters.")
    if len(body["answers"]) > MOST_ANSWERS:
        raise NotABatch(f"Send at most {MOST_ANSWERS} answers at once.")
    return Batch(key, tuple(_read_answer(answer) for answer in body["answers"]))


def write_reply(merged: Merge, instrument: Instrument) -> dict[str, Any]:
    """The body of the reply."""
    return {
        "saved": dict(merged.revisions),
        "conflicts": [_write_conflict(clash, instrument) for clash in merged.clashes],
    }


def _read_answer(answer: object) -> SentAnswer:
    if not isinstance(answer, dict) or not isinstance(answer.get("milestone"), str):
        raise NotABatch("Each answer must be an object that names its “milestone”.")
    name = answer["milestone"][:80]
    revision, note = answer.get("revision", 0), answer.get("note")
    if not _is_whole(revision) or revision < 0:
        raise NotABatch(f"{name}: “revision” must be a whole number, 0 for a first answer.")
    if note is not None and not isinstance(note, str):
        raise NotABatch(f"{name}: “note” must be a text.")
    return SentAnswer(
        milestone=answer["milestone"],
        value=_read_value(name, answer),
        note=None if note is None else clean_note(note),
        revision=revision,
        keep=str(answer.get("keep") or "")[:LONGEST_KEY],
    )


def _read_value(name: str, answer: Mapping[str, object]) -> AnswerValue:
    level = answer.get("level")
    try:
        state = AnswerState(str(answer.get("state")))
        if level is not None and not _is_whole(level):
            raise ValueError(level)
        return AnswerValue(state, level)  # type: ignore[arg-type]
    except ValueError as error:
        states = ", ".join(state.value for state in AnswerState)
        raise NotABatch(
            f"{name}: “state” must be one of {states}, with a whole-number “level” for “level” "
            "and none for the others."
        ) from error


def _is_key(value: object) -> bool:
    # NUL and halves of surrogate pairs are what a database refuses; neither is printable
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and value.isprintable()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _write_conflict(clash: Clash, instrument: Instrument) -> dict[str, Any]:
    scale = instrument.milestone(clash.sent.milestone).scale

    def side(value: AnswerValue, note: str) -> dict[str, Any]:
        return {
            "state": value.state.value,
            "level": value.value,
            "words": words(value, scale),
            "note": note,
        }

    mine = clash.stored.note if clash.sent.note is None else clash.sent.note
    return {
        "milestone": clash.sent.milestone,
        "status": 409,
        "revision": clash.stored.revision,
        "mine": side(clash.sent.value, mine),
        "theirs": side(clash.stored.value, clash.stored.note),
    }
