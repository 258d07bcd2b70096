"""What a person reads after a history import: what came in, and where it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from assess.history.reading import History
from assess.history.storing import Imported

_MOST_IN_ADDRESS = 20  # organizations named in an address before it grows unwieldy


def import_report(history: History, imported: Imported) -> str:
    """The report as lines of text."""
    return "\n".join(_lines(history, imported))


def _lines(history: History, imported: Imported) -> Iterator[str]:
    pasts = history.assessments
    quarters = sorted({past.quarter for past in pasts})
    clinics = {(past.organization, past.clinic) for past in pasts}
    organizations = {past.organization for past in pasts}
    span = quarters[0].label
    if len(quarters) > 1:
        span = f"{len(quarters)} quarters from {span} to {quarters[-1].label}"
    yield (
        f"{_count(len(pasts), 'assessment')} of {_count(len(clinics), 'clinic')} in "
        f"{_count(len(organizations), 'organization')}, {span}, "
        f"from {_count(history.rows, 'row')}."
    )
    yield f"Questionnaire: {history.instrument.title} {history.instrument.version}."
    yield "The scores are marked as taken over from earlier records wherever they stand."
    yield (
        f"New: {_count(imported.new_organizations, 'organization')}, "
        f"{_count(imported.new_clinics, 'clinic')}; "
        f"{_count(imported.replaced, 'earlier import')} replaced."
    )
    if history.empty:
        yield f"{_count(history.empty, 'row')} had no value and were left out."
    if history.ignored:
        names = ", ".join(f"“{name}”" for name in history.ignored)
        yield f"Columns not used: {names}."
    if history.encoding != "UTF-8":
        yield f"The file is not UTF-8; it was read as {history.encoding}. Check special letters."


def trends_path(history: History, imported: Imported) -> str:
    """The address of the program page that shows the imported clinics."""
    query: list[tuple[str, str | int]] = [("questionnaire", history.instrument.slug)]
    if len(imported.organization_ids) <= _MOST_IN_ADDRESS:
        query += [("organization", key) for key in imported.organization_ids]
    return f"/trends?{urlencode(query)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
