"""What may be said about organizations and clinics: one set of rules for pages, files and commands.

Each reader takes what somebody typed and returns what is stored, or raises BadFact with the fix.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.quarters import Quarter

LONGEST_NAME = 200
LONGEST_CODE = 40
LONGEST_SETTING = 40
LONGEST_EHR = 80
MOST_FTE = 1000
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100

# https://pe.usps.com/text/pub28/28apb.htm
# fmt: off
STATES = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN",
    "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH",
    "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT",
    "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI",
})
# fmt: on
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NUMBER = re.compile(r"\d{1,4}(?:[.,]\d{1,4})?", re.ASCII)


class BadFact(ValueError):
    """Something typed that cannot be taken: what is wrong, and how to mend it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}".strip())
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """What is known of a clinic; its full-time equivalents count clinicians only."""

    name: str
    study_code: str
    state: str | None = None
    setting: str | None = None
    ehr: str | None = None
    clinician_fte: float | None = None
    baseline_quarter: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The facts by the name of their column."""
        return asdict(self)


def name(text: str) -> str:
    """The name of an organization or clinic, 1 to 200 characters. Raises BadFact."""
    return _filled(_line(text, LONGEST_NAME), "Enter the name.")


def study_code(text: str) -> str:
    """What researchers see instead of the name: letters, digits, dots and dashes."""
    code = _filled(_line(text, LONGEST_CODE), "Enter a code, like C01.")
    if not _CODE.fullmatch(code):
        raise BadFact(
            "This code has a space or another sign in it.",
            "Use letters, digits, dots and dashes, like C01.",
        )
    return code


def state(text: str) -> str | None:
    """The two letters of a state or territory, in capitals; empty is unknown."""
    letters = _line(text, LONGEST_NAME).upper()
    if letters and letters not in STATES:
        raise BadFact("This is not a state.", "Use its two letters, like WA.")
    return letters or None


def setting(text: str) -> str | None:
    """Where the clinic stands, in its own words: rural, small town, urban."""
    return _line(text, LONGEST_SETTING) or None


def ehr(text: str) -> str | None:
    """The clinic's electronic health record."""
    return _line(text, LONGEST_EHR) or None


def clinician_fte(text: str) -> float | None:
    """Full-time equivalents of clinicians, above 0 up to 1,000; empty is unknown."""
    number = _line(text, LONGEST_NAME)
    if not number:
        return None
    fix = f"Use a number above 0 and up to {MOST_FTE:,}, like 4.5."
    if not _NUMBER.fullmatch(number):
        raise BadFact("This is not a number of clinicians.", fix)
    value = float(number.replace(",", "."))
    if not math.isfinite(value) or not 0 < value <= MOST_FTE:
        raise BadFact("This is not a number of clinicians.", fix)
    return value


def baseline_quarter(text: str) -> str | None:
    """The quarter the clinic began in, like 2026Q1; empty is unknown."""
    words = _line(text, LONGEST_NAME)
    if not words:
        return None
    try:
        quarter = Quarter.parse(words)
    except ValueError:
        raise BadFact("This is not a quarter.", "Write it like 2026Q1.") from None
    if not EARLIEST_YEAR <= quarter.year <= LATEST_YEAR:
        raise BadFact("Check the year.", f"Use one from {EARLIEST_YEAR} to {LATEST_YEAR}.")
    return str(quarter)


READERS: Mapping[str, Callable[[str], Any]] = {
    "name": name,
    "study_code": study_code,
    "state": state,
    "setting": setting,
    "ehr": ehr,
    "clinician_fte": clinician_fte,
    "baseline_quarter": baseline_quarter,
}


def person_name(text: str) -> str:
    """A person's name, 1 to 200 characters. Raises BadFact."""
    return _filled(_line(text, LONGEST_NAME), "Enter the name.")


def _line(text: str, longest: int) -> str:
    """One line of plain text; runs of white space become one space."""
    line = " ".join(text.split())
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"} for sign in line):
        raise BadFact("This has a sign in it that cannot be shown.", "Type it again.")
    if len(line) > longest:
        raise BadFact(f"This has {len(line):,} characters.", f"Use at most {longest}.")
    return line


def _filled(line: str, fix: str) -> str:
    if not line:
        raise BadFact("", fix)
    return line
