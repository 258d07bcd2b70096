"""What a person reads after a history import: what came in, and whether it shows change."""

from __future__ import annotations

from collections.abc import Iterator

from assess.history_import import History
from assess.importing import Imported


def import_report(history: History, imported: Imported) -> str:
    """The report as lines of text; loads the statistics, which takes a second."""
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
    yield ""
    yield from _headline(imported)


def _headline(imported: Imported) -> Iterator[str]:
    # numpy and scipy take a second to load: a file that is refused should not wait for them
    from assess import analysis, apa, report
    from assess.observations import Observation, Observations

    observations = Observations(
        tuple(
            Observation(
                f"{one.past.organization}: {one.past.clinic}", str(one.past.quarter), one.overall
            )
            for one in imported.scored
        )
    )
    results = analysis.analyse(observations)
    yield f"Overall score of these clinics. {report.change_sentence(observations, results)}"
    yield "Repeated-measures ANOVA across quarters:"
    yield f"  {apa.repeated_measures(results.rm_anova)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
