"""Says a selection and what it found as people would: at the top of the page, in files. PURE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assess.program import OVERALL
from assess.quarters import Quarter
from research.selection import Clock, Grain, Method, Selection, Source
from research.study import Study, time_label

ATTRIBUTE_WORDS = {
    "organization": "organization",
    "setting": "setting",
    "state": "state",
    "ehr": "health record system",
}
SOURCE_WORDS = {
    Source.BEST: "agreed levels where there are any",
    Source.AGREED: "agreed levels only",
    Source.RATINGS: "ratings before the team agreed",
}
METHOD_WORDS = {
    Method.COMPLETE: "complete clinics",
    Method.MIXED: "all assessments in a mixed model",
}


def study_words(study: Study) -> str:
    """ "Overall score, 20 clinics, Q1 2025 to Q2 2026, agreed levels where there are any, …"."""
    clinics = len(study.observations[study.measure.key].subjects)
    parts = (
        study.measure.title,
        " ".join((count(clinics, "clinic"), *_chosen(study))),
        span(study.times).replace("Baseline", "baseline"),
        *_usual(study.selection),
    )
    return ", ".join(parts)


def span(times: Sequence[Quarter | int]) -> str:
    """ "Q1 2025 to Q2 2026", "Baseline to +5 quarters", or the one there is."""
    first, last = time_label(times[0]), time_label(times[-1])
    return first if len(times) == 1 else f"{first} to {last}"


def count(number: int, noun: str) -> str:
    """ "1 clinic", "20 clinics"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def any_of(names: Sequence[str]) -> str:
    """ "A", "A or B", "A, B or C"."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def noun(study: Study) -> str:
    """What is followed, in a sentence: "overall score", "score of “Tracking”"."""
    key, title = study.measure.key, study.measure.title
    if key == OVERALL:
        return "overall score"
    is_block = any(block.id == key for block in study.instrument.blocks)
    return f"score of “{title}”" if is_block else f"level of “{title}”"


def _chosen(study: Study) -> Iterator[str]:
    """The attributes by which clinics were chosen; organizations as the viewer knows them."""
    selection = study.selection
    names = {clinic.organization_id: clinic.organization for clinic in study.clinics}
    organizations = sorted(names[key] for key in selection.organizations if key in names)
    if organizations:
        yield f"of {any_of(organizations)}"
    for words, values in (
        ("in", selection.states),
        ("in setting", selection.settings),
        ("with record system", selection.ehrs),
    ):
        if values:
            yield f"{words} {any_of(sorted(values))}"


def _usual(selection: Selection) -> Iterator[str]:
    if selection.clock is Clock.WAVE:
        yield "quarters since each clinic’s baseline"
    yield SOURCE_WORDS[selection.source]
    yield METHOD_WORDS[selection.method]
    if selection.grain is Grain.MILESTONES:
        yield "with single milestones"
    if selection.group:
        yield f"compared by {ATTRIBUTE_WORDS[selection.group]}"
