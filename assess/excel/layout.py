"""Where everything stands in the workbook, for the module that writes it and the one that reads it.

Milestones are rows and raters are columns: one sheet of 26 rows fits a screen, and whoever fills it
in goes down a single column. Evidence notes are left out on purpose: everybody who opens the file
could read them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from assess.answers import NOT_APPLICABLE, WORDS, AnswerState
from assess.paper.reading import DONT_KNOW_KEY, NOT_APPLICABLE_KEY
from questionnaires.instrument import Band, Instrument, Milestone

LAYOUT = "1"
"""Changes with every change of place, so that an older template is told from a new one."""

ASSESSMENT, LEVELS, ABOUT = "Assessment", "Levels", "About"
RATERS = 30
"""Columns of raters in one file."""

NUMBER, TITLE, MEANING, FIRST_RATER = 1, 2, 3, 4
LAST_RATER = FIRST_RATER + RATERS - 1
HEADINGS, JOB, DATE, ANSWERED, FIRST_ITEM = 4, 5, 6, 7, 9
"""Rows; like columns they count from 1, as in the names of cells."""

ABOUT_ROWS = 20
CLINIC, QUARTER, NUMBER_OF_ASSESSMENT = "Clinic", "Quarter", "Assessment number"
QUESTIONNAIRE, COPY, CHECK = "Questionnaire", "Number of this file", "Check"


@dataclass(frozen=True, slots=True)
class Subject:
    """The assessment a file is for, as its sheet About tells it."""

    assessment_id: int
    clinic_id: int
    clinic_name: str
    quarter: str
    instrument: Instrument

    @property
    def questionnaire(self) -> str:
        return f"{self.instrument.title} {self.instrument.version}"

    @property
    def check(self) -> str:
        """The same for this assessment, questionnaire and layout only (against slips)."""
        parts = (LAYOUT, self.assessment_id, self.clinic_id, self.instrument.sha256)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def row_of(self, milestone: str) -> int:
        """The row of the milestone with this key; StopIteration when there is none."""
        rows = item_rows(self.instrument).items()
        return next(row for row, one in rows if one.key == milestone)


def item_rows(instrument: Instrument) -> Mapping[int, Milestone]:
    """The milestone of each row; every block has a row for its title above its own."""
    rows = {}
    row = FIRST_ITEM - 1
    for block in instrument.blocks:
        for milestone in block.milestones:
            row += 1
            rows[row] = milestone
        row += 1
    return rows


def column_name(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of(name: str) -> tuple[int, int]:
    """Column and row of a cell's name: "C9" is (3, 9)."""
    letters = name.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column, int(name[len(letters) :])


def rater_name(column: int) -> str:
    """What stands over a rater's column: "Rater 1"."""
    return f"Rater {column - FIRST_RATER + 1}"


def cell_name(row: int, column: int) -> str:
    """The name of a cell on the sheet Assessment, as people find it: "Assessment!G9"."""
    return f"{ASSESSMENT}!{column_name(column)}{row}"


def band_words(band: Band) -> str:
    """A level and its word: "2 Begun", or "4-6 Getting started" where a word has several."""
    values = str(band.low) if band.low == band.high else f"{band.low}-{band.high}"
    return f"{values} {band.label}"


def keys(milestone: Milestone) -> list[str]:
    """What may be chosen for an item, as the drop-down lists it."""
    levels = [str(value) for value in milestone.scale.values()]
    return [*levels, *([NOT_APPLICABLE_KEY] if milestone.na_allowed else []), DONT_KNOW_KEY]


def legend(instrument: Instrument) -> str:
    """One line with the meaning of everything that may be chosen."""
    words = [band_words(band) for band in instrument.milestones[0].scale.bands]
    if any(one.na_allowed for one in instrument.milestones):
        words.append(f"{NOT_APPLICABLE_KEY} {WORDS[NOT_APPLICABLE.state]} (where offered)")
    return " · ".join([*words, f"{DONT_KNOW_KEY} {WORDS[AnswerState.DONT_KNOW]}"])
