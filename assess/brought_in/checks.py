"""Says what keeps a sheet from paper or a file from being taken, field by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from accounts.job_roles import JOB_ROLES
from assess.answers import AnswerValue, SentAnswer, clean_note
from assess.quarters import Quarter
from assess.rating.merging import find_problems, identifier_problems, suspicious_notes
from core.days import day
from core.identifiers import Identifier
from questionnaires.instrument import Instrument

LONGEST_LABEL = 80
EARLY = timedelta(days=30)
"""How long before its quarter begins a form may have been filled in."""

Given = Mapping[str, tuple[AnswerValue, str]]
"""By milestone key, the answer and its evidence note ("" for none)."""

NOTHING_KEPT: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """One rater's sheet as it comes from paper or a file; nobody with an account owns it.

    `label` names the form or row within its assessment. `kept` holds, by milestone, the mark
    (core.identifiers) of a note that looks like it names a patient and does not. `origin` tells
    where in which file it stood, for asking whether it came before; "" when nobody will ask.
    """

    label: str
    job_role: str | None
    paper_on: date | None
    answers: Given
    kept: Mapping[str, str] = field(default_factory=lambda: NOTHING_KEPT)
    origin: str = ""

    @property
    def sent(self) -> list[SentAnswer]:
        """The answers that say anything, as the autosave would send them."""
        return [
            SentAnswer(key, value, clean_note(note), 0, self.kept.get(key, ""))
            for key, (value, note) in self.answers.items()
            if value.answered or note.strip()
        ]


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """What is wrong with the sheet at place `sheet` (from 0) of those brought in, and its fix.

    field: "label", "job_role", "paper_on" or "answers"; with a milestone "level", "note" or
    "milestone". `keep` as in merging.Problem.
    """

    sheet: int
    field: str
    message: str
    milestone: str = ""
    keep: str = ""


def earliest_paper_day(quarter: Quarter, opened_on: date) -> date:
    """The first day a form may bear; one opened long before its quarter begins then."""
    return min(quarter.first_day - EARLY, opened_on)


def paper_day_problem(paper_on: date, *, earliest: date, today: date) -> str | None:
    """What is wrong with the day on a form, and what to do."""
    if paper_on > today:
        return f"{day(paper_on)} is still to come. Enter the day the form was filled in."
    if paper_on < earliest:
        return (
            f"{day(paper_on)} is too long before this assessment. "
            f"Enter a day from {day(earliest)} on, or choose the assessment of that quarter."
        )
    return None


def clean_label(text: str) -> str:
    """A label as it is stored: one line without signs that nobody can see."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def label_key(label: str) -> str:
    """What two labels share when people would take them for the same."""
    return clean_label(label).casefold()


def sheet_problems(
    sheets: Sequence[FilledSheet],
    *,
    instrument: Instrument,
    taken: Collection[str],
    earliest: date,
    today: date,
) -> list[SheetProblem]:
    """Everything that is wrong with the sheets; `taken` are the label keys there before."""
    problems: list[SheetProblem] = []
    seen = set(taken)
    for place, sheet in enumerate(sheets):
        found = [("label", _label_problem(sheet.label, seen)), ("job_role", _job_problem(sheet))]
        if sheet.paper_on is not None:
            wrong = paper_day_problem(sheet.paper_on, earliest=earliest, today=today)
            found.append(("paper_on", wrong))
        if not any(value.answered for value, _note in sheet.answers.values()):
            found.append(("answers", "Nothing is answered yet. Enter at least one answer."))
        problems += [SheetProblem(place, name, text) for name, text in found if text]
        problems += _answer_problems(place, sheet, instrument, today)
        seen.add(label_key(sheet.label))
    return problems


def suspicious(sheet: FilledSheet, today: date) -> Mapping[str, tuple[Identifier, ...]]:
    """By milestone, what looks like a patient's identifier in the notes of a sheet."""
    return suspicious_notes(sheet.sent, {}, today)


def _answer_problems(
    place: int, sheet: FilledSheet, instrument: Instrument, today: date
) -> list[SheetProblem]:
    sent = sheet.sent
    found = [
        *find_problems(instrument, sent),
        *identifier_problems(sent, suspicious(sheet, today)),
    ]
    return [SheetProblem(place, one.field, one.message, one.milestone, one.keep) for one in found]


def _label_problem(label: str, taken: Collection[str]) -> str | None:
    if not clean_label(label):
        return "Enter the number of the form."
    if len(label) > LONGEST_LABEL:
        return f"Shorten the name of the form to {LONGEST_LABEL} characters."
    if label_key(label) in taken:
        return f"“{label}” is here already. Enter another number, or remove the first one."
    return None


def _job_problem(sheet: FilledSheet) -> str | None:
    if sheet.job_role is None or sheet.job_role in JOB_ROLES:
        return None
    return f"“{sheet.job_role[:40]}” is not one of the job roles: {', '.join(JOB_ROLES)}."
