"""What came out of an uploaded file: the column of each rater, and what is wrong where."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assess.answers import AnswerValue
from assess.brought_in.checks import LONGEST_LABEL
from assess.excel import layout
from assess.paper.reading import key_of

LONGEST_NAME = LONGEST_LABEL - len("Rater 99 of ")
_ENDING = "….xlsx"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong at one place of a file, with its fix; no cell when it is about the file."""

    file: str
    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.cell}: {self.message}" if self.cell else self.message


@dataclass(frozen=True, slots=True)
class RaterColumn:
    """What one rater filled in; `column` counts from 1 and `copy` is the number of the download."""

    file: str
    copy: str
    column: int
    job_role: str | None
    day: date | None
    answers: Mapping[str, AnswerValue]

    @property
    def rater(self) -> str:
        return layout.rater_name(self.column)

    @property
    def label(self) -> str:
        """The name under which it is listed: "Rater 3 of rating.xlsx"."""
        return f"{self.rater} of {self.file}"

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.answers.values())

    @property
    def origin(self) -> str:
        """Tells this very column with this very content from every other (40 characters at most).

        The number of the download is random: nobody who has not the file can guess it, so asking
        whether it came before tells nothing about answers.
        """
        said = sorted((key, key_of(value)) for key, value in self.answers.items())
        content = repr((self.job_role, self.day, said)).encode()
        return f"{self.place}{hashlib.sha256(content).hexdigest()[:24]}"

    @property
    def place(self) -> str:
        """What `origin` begins with, whatever stands in the column."""
        return f"{self.copy}-{self.column}-"


@dataclass(frozen=True, slots=True)
class FilledFile:
    """The raters of one file that gave any answer, and what is wrong with it.

    `left_out` names raters with a job or day and no answer.
    """

    name: str
    columns: tuple[RaterColumn, ...] = ()
    problems: tuple[CellProblem, ...] = ()
    left_out: tuple[str, ...] = ()


def file_name(given: str) -> str:
    """The name of an uploaded file as pages and labels show it: no folders, one short line."""
    name = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME - len(_ENDING)].rstrip() + _ENDING
    return name or "file.xlsx"
