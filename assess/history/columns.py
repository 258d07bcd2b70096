"""Which column of a history file holds what, under the names that people use for them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.table_file import FileProblem, TableFileError, shortened

ALIASES: Mapping[str, tuple[str, ...]] = {
    "clinic": ("clinic", "subject", "site", "clinicname"),
    "quarter": ("quarter", "time", "wave", "period"),
    "organization": ("organization", "organisation", "org", "organizationname"),
    "milestone": ("milestone", "milestonekey", "item"),
    "block": ("block", "blockid", "buildingblock"),
    "level": ("level",),
    "score": ("score",),
    "value": ("value",),
    "setting": ("setting", "group"),
}
VALUES = ("level", "score", "value")
_KNOWN = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "clinic": ("clinic",),
    "quarter": ("quarter",),
    "level, score or value": VALUES,
}
_FIX = "Name the columns in the first line, for example “clinic,quarter,milestone,level”."


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the known columns, how many there are in all, and the names of unknown ones."""

    places: Mapping[str, int]
    names: Mapping[str, str]
    width: int
    ignored: tuple[str, ...]

    def text(self, row: list[str], column: str) -> str:
        """The cell of a column; empty when the file has no such column."""
        place = self.places.get(column)
        return "" if place is None else row[place]

    def value_column(self, preferred: str) -> str:
        """The column a row's number stands in: the preferred one, "value", or the one there is."""
        return next(name for name in (preferred, "value", *VALUES) if name in self.places)

    @property
    def has_items(self) -> bool:
        """Whether rows name a milestone or a block; else every row is an overall score."""
        return "milestone" in self.places or "block" in self.places

    @property
    def item(self) -> str:
        """The column that tells the rows of one clinic and quarter apart."""
        return next(name for name in ("milestone", "block", "quarter") if name in self.places)


def find_columns(line: int, header: list[str]) -> Columns:
    """Recognize the header. Raises TableFileError naming all that is wrong with it."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[FileProblem] = []
    for place, text in enumerate(header):
        name = _KNOWN.get(_plain(text))
        if name is None:
            ignored.append(text)
        elif name in places:
            message = f"“{header[places[name]]}” and “{text}” both mean the {name}."
            problems.append(FileProblem(line, message, "Rename or remove one of them.", name))
        else:
            places[name] = place
    problems += _misspelled(line, ignored, places) or _missing(line, header, places)
    if problems:
        raise TableFileError(tuple(problems))
    names = {name: header[place] for name, place in places.items()}
    return Columns(places, names, len(header), tuple(name for name in ignored if name))


def _misspelled(line: int, ignored: list[str], places: Mapping[str, int]) -> list[FileProblem]:
    """Unknown names that are almost a column the file lacks: to ignore them would lose rows."""
    found = []
    for text in ignored:
        close = difflib.get_close_matches(_plain(text), _KNOWN, n=1, cutoff=0.8)
        if close and _KNOWN[close[0]] not in places:
            fix = f"Name it “{close[0]}”, or something else to have it ignored."
            found.append(FileProblem(line, "This column is not known.", fix, value=text))
    return found


def _missing(line: int, header: list[str], places: Mapping[str, int]) -> list[FileProblem]:
    found = ", ".join(f"“{shortened(name)}”" for name in header)
    problems = [
        FileProblem(line, f"No column named {label}; found {found}.", _FIX)
        for label, names in _NEEDED.items()
        if not any(name in places for name in names)
    ]
    of_what = {"milestone", "block", "score", "value"}
    if "level" in places and not of_what & places.keys():
        fix = "Name the milestone of each level, or call the column “score” for overall scores."
        problems.append(FileProblem(line, f"No column named milestone; found {found}.", fix))
    return problems


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
