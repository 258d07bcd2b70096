"""Puts together what a data bundle is made from: the study, and what is stored behind it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.viewer import Viewer
from core import clock
from research.bundle.building import build_content
from research.bundle.content import BundleContent
from research.queries.bundle import read_assessments
from research.selection import Selection, to_query
from research.studying import get_study
from research.words import span, study_words


@dataclass(frozen=True, slots=True)
class Gathered:
    """The content of a bundle, whose clinics are in it, and the analysis in words."""

    content: BundleContent
    clinic_ids: frozenset[int]
    words: str


def gather(viewer: Viewer, selection: Selection, *, url: str) -> Gathered | None:
    """Everything that goes into the bundle, within what the viewer may see; None without a score.

    `url` is the address of the program.
    """
    from research.coding import coded  # numpy loads slowly: no other command should wait for it

    study = get_study(viewer, selection)
    if study is None:
        return None
    words = study_words(coded(study))  # files name no organization
    query = to_query(selection)
    content = build_content(
        study,
        read_assessments(study),
        title=f"{study.instrument.title}, {span(study.times)}",
        made_on=clock.today(),
        query=query,
        words=words,
        url=f"{url}/trends?{query}",
    )
    return Gathered(content, frozenset(one.id for one in study.clinics), words)
