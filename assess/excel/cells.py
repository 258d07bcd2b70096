"""Reads single cells: what people type, choose or paste and Excel changes, or why it is wrong."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from accounts.job_roles import JOB_ROLES
from assess.answers import UNANSWERED, AnswerValue
from assess.excel.spelled import key_meant
from assess.paper.reading import NOT_APPLICABLE_KEY, choices, read_key
from core.days import day
from questionnaires.instrument import Milestone

Content = object
"""What openpyxl makes of a cell: None, text, a number, a truth value, a date or a time."""

DAY_FORMATS = ("%m/%d/%Y", "%Y-%m-%d", "%b %d, %Y", "%B %d, %Y")
_DAY_ZERO = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
"""Excel's numbers of the days from 1954 to 2119."""
_SHOWN = 40


class BadCell(ValueError):
    """What stands in a cell means nothing there; the text says so, with the fix."""


def read_answer(content: Content, milestone: Milestone) -> AnswerValue:
    """The answer in a cell; an empty one is unanswered. Raises BadCell."""
    text = _text(content)
    if not text:
        return UNANSWERED
    if isinstance(content, datetime | date | time | timedelta):
        raise BadCell(f"Excel made a date of what was typed. Enter {choices(milestone)}.")
    _refuse_formula(text, f"{choices(milestone)} itself")
    key = key_meant(text, milestone)
    try:
        return read_key(key, milestone)
    except ValueError as error:
        if key.upper() == NOT_APPLICABLE_KEY:
            raise BadCell(
                f"“{shown(text)}” is not offered here, it applies to every clinic. "
                f"Enter {choices(milestone)}."
            ) from error
        raise BadCell(f"“{shown(text)}” is not {choices(milestone)}.") from error


def read_job(content: Content) -> str | None:
    """The job in a cell, None when it is empty. Raises BadCell."""
    text = _text(content)
    if not text:
        return None
    _refuse_formula(text, "a job role from the list")
    found = {role.casefold(): role for role in JOB_ROLES}.get(text.casefold())
    if found is None:
        raise BadCell(
            f"“{shown(text)}” is not a job role from the list. Choose one, or empty the cell."
        )
    return found


def read_day(content: Content) -> date | None:
    """The day in a cell, None when it is empty. Raises BadCell."""
    if isinstance(content, datetime):
        return content.date()
    if isinstance(content, date):
        return content
    text = _text(content)
    if not text:
        return None
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIALS:
        return _DAY_ZERO + timedelta(days=int(text))
    for one in DAY_FORMATS:
        try:
            return datetime.strptime(text, one).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise BadCell(f"“{shown(text)}” is not a day. Enter it as month/day/year, like 11/21/2026.")


def shown(text: str) -> str:
    """What was typed as it fits into a sentence: one line, 40 characters."""
    text = "".join(one if one.isprintable() else " " for one in text[: 4 * _SHOWN])
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _text(content: Content) -> str:
    """The text of a cell without blanks around it, also those that do not break a line."""
    if content is None:
        return ""
    if isinstance(content, bool):
        return str(content).upper()
    if isinstance(content, float) and content.is_integer() and abs(content) < 1e15:
        return str(int(content))
    if isinstance(content, date) and not isinstance(content, datetime):
        return day(content)
    return " ".join(str(content).split())


def _refuse_formula(text: str, wanted: str) -> None:
    if text.startswith("="):
        raise BadCell(f"A formula stands here. Enter {wanted}.")
