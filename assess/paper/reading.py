"""Reads what is typed for one item of a paper form: a level, N, D, or nothing."""

from __future__ import annotations

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue
from questionnaires.instrument import Milestone

NOT_APPLICABLE_KEY = "N"
DONT_KNOW_KEY = "D"


def read_key(typed: str, milestone: Milestone) -> AnswerValue:
    """The answer for what was typed; an empty box is unanswered.

    Raises ValueError with the sentence for the page when it means nothing here.
    """
    text = typed.strip().upper()
    if not text:
        return UNANSWERED
    if text == DONT_KNOW_KEY:
        return DONT_KNOW
    if text == NOT_APPLICABLE_KEY:
        if milestone.na_allowed:
            return NOT_APPLICABLE
        raise ValueError(
            f"Item {milestone.number}: it applies to every clinic. Enter {choices(milestone)}."
        )
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) in milestone.scale:
        return AnswerValue.level(int(text))
    raise ValueError(f"Item {milestone.number}: “{as_typed(typed)}” is not {choices(milestone)}.")


def as_typed(text: str) -> str:
    """What was typed, as a page can show it."""
    return "".join(filter(str.isprintable, text[:20])).strip()


def choices(milestone: Milestone) -> str:
    """What may be typed for an item: "1-4, N or D"."""
    levels = f"{milestone.scale.minimum}-{milestone.scale.maximum}"
    if milestone.na_allowed:
        return f"{levels}, {NOT_APPLICABLE_KEY} or {DONT_KNOW_KEY}"
    return f"{levels} or {DONT_KNOW_KEY}"


def key_of(value: AnswerValue) -> str:
    """How an answer is typed; "" when there is none."""
    if value.value is not None:
        return str(value.value)
    return {NOT_APPLICABLE: NOT_APPLICABLE_KEY, DONT_KNOW: DONT_KNOW_KEY}.get(value, "")
