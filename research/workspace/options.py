"""The choices that the filters of the program page offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.program import OVERALL
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from questionnaires.instrument import Instrument
from research.queries.program import QuestionnaireUse
from research.study import StudiedClinic


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    label: str
    chosen: bool


def questionnaire_options(
    uses: Sequence[QuestionnaireUse], chosen: QuestionnaireUse | None
) -> tuple[Option, ...]:
    """Questionnaires to choose from; none when there is only one."""
    newest: dict[str, int] = {}
    for use in uses:
        newest[use.slug] = max(use.version_id, newest.get(use.slug, 0))
    if len(newest) < 2:
        return ()  # nothing to choose, so no statement to read titles with
    return tuple(
        Option(slug, get_instrument(version).title, chosen is not None and slug == chosen.slug)
        for slug, version in newest.items()
    )


def score_options(instrument: Instrument | None, chosen: str) -> tuple[Option, ...]:
    """The overall score and every block."""
    if instrument is None:
        return ()
    titles = [(OVERALL, "Overall score"), *((block.id, block.title) for block in instrument.blocks)]
    return tuple(Option(value, label, value == chosen) for value, label in titles)


def quarter_options(quarters: Sequence[Quarter], chosen: Sequence[Quarter]) -> tuple[Option, ...]:
    """Every quarter that has a score."""
    return tuple(Option(str(quarter), quarter.label, quarter in chosen) for quarter in quarters)


def organization_options(
    clinics: Sequence[StudiedClinic], chosen: frozenset[int]
) -> tuple[Option, ...]:
    """Organizations to choose from; none when there is only one."""
    names = {clinic.organization_id: clinic.organization for clinic in clinics}
    if len(names) < 2:
        return ()
    ordered = sorted(names.items(), key=lambda item: (item[1], item[0]))
    return tuple(Option(str(key), name, key in chosen) for key, name in ordered)
