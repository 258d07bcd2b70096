"""README.md of a bundle: what it is, what was selected and withheld, how to cite and use it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from assess.trends import apa
from assess.trends.mixed import words as mixed
from research.bundle.content import BundleContent
from research.bundle.tables import Table
from research.selection import Method
from research.study import VersionBreak, time_label

_FILES = """\
| file | what it is |
|---|---|
| `data/long.csv` | a row for every value: clinic, quarter, measure, value, what it rests on |
| `data/assessments.csv` | a row for every clinic and quarter: every score and milestone |
| `data/wide.csv` | a row for every clinic, a column for every score at every time |
| `data/clinics.csv` | the coded attributes of the clinics |
| `codebook.csv`, `codebook.html` | what every variable means |
| `datapackage.json` | the same for programs (Frictionless Tabular Data Package) |
| `analysis.py`, `analysis.R` | compute the analysis again and compare it with `expected.json` |
| `redcap/` | data dictionary, events, mapping and records of a REDCap project |
| `heal/vlmd/` | variable-level metadata for the NIH HEAL platform, as CSV and JSON |
{binary}| `questionnaire.yaml` | the questionnaire, with its levels and rules of scoring |
| `LOSSES.txt` | what each format cannot hold |
| `SHA256SUMS` | check that nothing was changed: `sha256sum -c SHA256SUMS` |
"""
_BINARY = """\
| `spss/`, `stata/`, `parquet/` | assessments, wide and clinics (Parquet: long as well) |
"""


def readme(content: BundleContent, tables: Iterable[Table], *, has_binary: bool) -> str:
    """The whole file in Markdown."""
    study = content.study
    has_link = content.url and "organization=" not in study.query
    parts = (
        f"# {content.title}",
        f"Made by Blockwise on {content.made_on:%B} {content.made_on.day}, {content.made_on.year}.",
        f"## What was selected\n{_filled(study.words)}",
        f"Query: `{_without_ids(study.query)}`" if study.query else "",
        f"See it again at <{content.url}>" if has_link else "",
        f"## What was found\n{_found(content)}",
        f"## Files\n{_FILES.format(binary=_BINARY if has_binary else '').rstrip()}",
        f"Rows: {', '.join(f'{table.name} {len(table.rows):,}' for table in tables)}.",
        f"## What is missing in a cell\n{_filled(_MISSING)}",
        f"## What was withheld\n{_bullets(content.withheld)}",
        _differences(content),
        f"## How to cite\n{_filled(_citation(content))}",
        f"## Rights\n{_filled(_rights(content))}",
        f"## To compute it again\n{_AGAIN.rstrip()}",
    )
    return "\n\n".join(part for part in parts if part) + "\n"


_EFFECTS = {
    "group": "Between groups",
    "time": "Over time, with groups",
    "group:time": "Groups by time",
}
_MISSING = (
    "An empty cell is missing. A milestone that does not apply has an empty value and 1 in the "
    "column ending in _na; the column ending in _state says why there is no level: the team did "
    "not know, nobody answered, or it is withheld. None of these counts in any mean."
)
_AGAIN = """\
    python3 analysis.py     # needs numpy and scipy
    Rscript analysis.R      # base R; with lme4 and lmerTest the mixed models, too

Both read the files in `data/`, print the statistics of every measure and end with an error when
any number differs from `expected.json`.
"""


def _without_ids(query: str) -> str:
    """The query without organizations, which it names by their ids in the database."""
    parts = query.split("&")
    return "&".join(part for part in parts if not part.startswith("organization="))


def _found(content: BundleContent) -> str:
    lines = (*_statistics(content), *_cautions(content))
    return "\n\n".join(_filled(line) for line in lines)


def _statistics(content: BundleContent) -> Iterator[str]:
    """The lines of the headline score that the page prints."""
    study = content.study
    analysis = content.analyses[study.measure.key]
    times = content.observations[study.measure.key].times
    if study.method is Method.MIXED:
        model = analysis.lmm.linear_time_random_intercept
        yield f"{study.measure.title}, mixed model: {mixed.line(model, times)}."
    yield f"{study.measure.title}: {apa.repeated_measures(analysis.rm_anova)}."
    yield f"Linear trend: {apa.linear_trend(analysis.linear_trend, times)}."
    groups = analysis.mixed_anova
    if groups is not None and groups.effects:
        corrections = {one.effect: one for one in groups.corrections or ()}
        for effect in groups.effects:
            line = apa.effect(effect, corrections.get(effect.effect))
            yield f"{_EFFECTS[effect.effect]}: {line}."


def _cautions(content: BundleContent) -> Iterator[str]:
    for warning in content.analyses[content.study.measure.key].warnings:
        yield warning.text
    for one in content.study.breaks:
        yield (
            f"Version {one.version} of the questionnaire was answered before "
            f"{time_label(one.time)}. {_comparable(one)}"
        )
    yield "A change over time says nothing about its reasons."


def _comparable(one: VersionBreak) -> str:
    if not one.left_out:
        return "It asks for the same, so its scores are compared."
    return (
        f"The headline score of {one.left_out} of its {one.assessments} assessments is not "
        "comparable: it stands in the tables (analyzed = 0), but no statistic uses it."
    )


def _differences(content: BundleContent) -> str:
    if not content.differences:
        return "The numbers are those of the page."
    return f"## Where the numbers differ from the page\n{_bullets(content.differences)}"


def _citation(content: BundleContent) -> str:
    made = content.made_on
    return (
        f"Blockwise data bundle: {content.title}. {content.instrument.title}, version "
        f"{content.instrument.version}. Made {made:%B} {made.day}, {made.year}."
    )


def _rights(content: BundleContent) -> str:
    license_ = content.instrument.license
    return (
        f"The wording of the questionnaire: {license_.id}, {license_.holder}. {license_.statement} "
        "The numbers belong to the program and its clinics: use them as your agreement with them "
        "says, do not try to find out which clinic a code stands for, and pass the bundle on only "
        "to people who may have it."
    )


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(textwrap.fill(f"- {line}", 96, subsequent_indent="  ") for line in lines)


def _filled(text: str) -> str:
    return textwrap.fill(text, 96, break_long_words=False, break_on_hyphens=False)
