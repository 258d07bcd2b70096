"""Finds what looks like a person's identifier in free text, before it is stored.

No patient information belongs into Blockwise. The patterns aim at what is typed by mistake in US
clinics: four of the eighteen identifiers of 45 CFR 164.514(b)(2) that have a recognizable form.
They are a safety net for slips, not a proof that a text is free of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

YOUNGEST = 10
"""A date at least this many years back may be a birthday; a plan's dates are recent."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A piece of text and what it looks like."""

    kind: str
    text: str


DATE_OF_BIRTH = "a date of birth"
SOCIAL_SECURITY = "a Social Security number"
PHONE = "a phone number"
RECORD = "a medical record number"

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = (
    re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?P<year>\d{4}|\d{2})\b"),
    re.compile(r"\b(?P<year>\d{4})[/.-]\d{1,2}[/.-]\d{1,2}\b"),
    re.compile(rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.I),
    re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b", re.I),
)
_BORN = re.compile(
    r"\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|born)\W*(?:on\W+)?$", re.I
)
_SOCIAL_SECURITY = re.compile(
    r"\b\d{3}[- ]\d{2}[- ]\d{4}\b|(?:\bssn|\bsocial security)\D{0,12}\d{4,9}\b", re.I
)
_PHONE = re.compile(
    r"(?<![\d/-])(?:\+?1[-. ]?)?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d/-])"
)
_RECORD = re.compile(
    r"\b(?:mrn|medical record|patient (?:id|no|number)|pt id|(?:chart|record) (?:no|number|#))"
    r"(?:\s*(?:no|number|id)\b\.?)?[\s:#.-]*[a-z]{0,3}-?\d{3,12}\b"
    r"|(?<![\d,.$/-])\d{7,12}(?![\d,/-])",
    re.I,
)


def find_identifiers(text: str, *, today: date) -> tuple[Identifier, ...]:
    """What in the text looks like an identifier, in order, each piece of text once."""
    found: dict[str, tuple[int, Identifier]] = {}
    # a mark for each character: comparing all pieces with each other would take hours for long text
    taken = bytearray(len(text))
    for kind, start, end in _matches(text, today):
        if any(taken[start:end]):
            continue
        taken[start:end] = b"\1" * (end - start)
        piece = text[start:end].strip()
        found.setdefault(piece, (start, Identifier(kind, piece)))
    return tuple(one for _, one in sorted(found.values(), key=lambda pair: pair[0]))


def new_identifiers(text: str, before: str, *, today: date) -> tuple[Identifier, ...]:
    """What looks like an identifier in a text and did not stand in the text before it."""
    return tuple(one for one in find_identifiers(text, today=today) if one.text not in before)


def kinds(found: Iterable[Identifier]) -> list[str]:
    """What they look like, for the log; never the text itself."""
    return sorted({one.kind for one in found})


def mark_of(found: Iterable[Identifier]) -> str:
    """A short digest of what was found: an override holds for this and for nothing else."""
    pieces = "\n".join(sorted(one.text for one in found))
    return hashlib.sha256(pieces.encode()).hexdigest()[:16]


def warning(found: Sequence[Identifier]) -> str:
    """The sentence at the field: what was found and what to do."""
    listed = [f"“{one.text}” looks like {one.kind}" for one in found[:3]]
    if len(found) > 3:
        listed.append(f"{len(found) - 3} more look like identifiers")
    return (
        f"{'; '.join(listed)}. Nothing about a patient belongs here: take it out, "
        "or say below that it is not about a patient."
    )


def _matches(text: str, today: date) -> Iterator[tuple[str, int, int]]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            named = _BORN.search(text[max(0, match.start() - 20) : match.start()])
            if named or _is_long_ago(match["year"], today):
                yield DATE_OF_BIRTH, match.start(), match.end()
    for kind, pattern in (
        (SOCIAL_SECURITY, _SOCIAL_SECURITY),
        (PHONE, _PHONE),
        (RECORD, _RECORD),
    ):
        for match in pattern.finditer(text):
            yield kind, match.start(), match.end()


def _is_long_ago(year: str, today: date) -> bool:
    if len(year) == 4:
        return 1900 <= int(year) <= today.year - YOUNGEST
    # two figures: those of the years to come are this century's, all others the last one's
    return not today.year % 100 - YOUNGEST < int(year) <= today.year % 100 + YOUNGEST
