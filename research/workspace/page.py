"""Puts the trends page together: what was asked for, what there is, what to say, what to choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.viewer import Viewer
from research.again import compare_raters
from research.bundle.anonymity import SMALLEST_CELL
from research.selection import Selection
from research.studying import Found, find_study
from research.workspace.links import Links, links_of
from research.workspace.options import Choices, choices_of

if TYPE_CHECKING:
    from research.study import Study
    from research.workspace.report import Report


@dataclass(frozen=True, slots=True)
class TrendPage:
    """Everything the template needs. `study` and `report` are None as long as nothing fits."""

    selection: Selection
    links: Links
    choices: Choices
    study: Study | None
    report: Report | None
    demo_left_out: bool
    demo_included: bool


def get_trend_page(viewer: Viewer, selection: Selection) -> TrendPage:
    """Read and analyze what the viewer may see. Five statements, six the first time."""
    found = find_study(viewer, selection)
    return TrendPage(
        selection=found.selection,
        links=links_of(found.selection),
        choices=choices_of(found),
        study=found.study,
        report=_report(found),
        demo_left_out=found.demo_left_out,
        demo_included=found.demo_included,
    )


def _report(found: Found) -> Report | None:
    if found.study is None:
        return None
    from research.workspace.report import report_on  # with numpy, as the analysis before it

    study = found.study
    sees_all = all(clinic.is_named for clinic in study.clinics)
    raters = compare_raters(
        [clinic.id for clinic in study.clinics],
        study.instrument.slug,
        study.measure.key,
        study.times,
        smallest=1 if sees_all else SMALLEST_CELL,
    )
    return report_on(study, raters)
