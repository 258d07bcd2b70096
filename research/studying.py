"""Reads and computes what a selection asks for: one study for page, figures, bundle and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.viewer import Viewer
from assess.program import OVERALL
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from questionnaires.instrument import Instrument
from research.comparable import version_order
from research.measures import find_measure
from research.queries.program import (
    QuestionnaireUse,
    list_program_clinics,
    list_questionnaires,
    with_attributes,
)
from research.queries.scores import read_scores
from research.selection import Grain, Selection
from research.study import StudiedClinic, Study


@dataclass(frozen=True, slots=True)
class Found:
    """A study with what else could be chosen; None as long as there is nothing to study.

    `selection` is the one asked for, corrected where it named what is not there, with all problems.
    `clinics` are all that the viewer may follow, `times` every quarter or wave with a score.
    """

    selection: Selection
    study: Study | None
    clinics: tuple[StudiedClinic, ...]
    instrument: Instrument | None
    uses: tuple[QuestionnaireUse, ...]
    times: tuple[Quarter | int, ...]
    demo_left_out: bool
    demo_included: bool


def get_study(viewer: Viewer, selection: Selection) -> Study | None:
    """The study of a selection within what the viewer may see; None without any score.

    Three statements, and one for each version of a questionnaire that the process has not met.
    """
    return find_study(viewer, selection).study


def find_study(viewer: Viewer, selection: Selection, *, as_coded: bool = False) -> Found:
    """The same with everything that could be chosen instead.

    With `as_coded`, for what leaves the program, milestones have the values that are told where
    clinics appear by code, whoever asks.
    """
    every = list_program_clinics(viewer)
    uses = list_questionnaires([clinic.id for clinic in every])
    has_real = any(not use.is_demo for use in uses)
    has_demo = any(use.is_demo for use in uses)
    with_demo = has_demo and (selection.demo or not has_real)
    shown = tuple(use for use in uses if with_demo or not use.is_demo)
    clinics = with_attributes([one for one in every if with_demo or not one.is_demo])
    problems = list(selection.problems)
    versions = _versions(shown, selection, problems)
    selection = _corrected(selection, versions, problems)
    found = Found(
        selection=replace(selection, problems=tuple(problems)),
        study=None,
        clinics=clinics,
        instrument=_newest(versions),
        uses=shown,
        times=(),
        demo_left_out=has_demo and not with_demo,
        demo_included=with_demo and has_real,
    )
    return _with_study(found, versions, problems, as_coded=as_coded) if versions else found


def _with_study(
    found: Found, versions: Sequence[QuestionnaireUse], problems: list[str], *, as_coded: bool
) -> Found:
    from research.assembling import assemble  # numpy loads slowly: the first trend waits for it

    chosen = [clinic for clinic in found.clinics if is_chosen(clinic, found.selection)]
    table = read_scores(
        [one.id for one in chosen],
        versions[0].slug,
        found.selection.source,
        with_milestones=_needs_milestones(found),
        coded=as_coded or not all(one.is_named for one in chosen),
    )
    texts = {use.version_id: get_instrument(use.version_id) for use in versions}
    assembled = assemble(found.selection, texts, chosen, table)
    problems += assembled.problems
    selection = replace(found.selection, problems=tuple(problems))
    study = assembled.study and replace(assembled.study, selection=selection)
    return replace(found, selection=selection, study=study, times=assembled.times)


def _needs_milestones(found: Found) -> bool:
    instrument, selection = found.instrument, found.selection
    if selection.grain is Grain.MILESTONES or instrument is None:
        return True
    return selection.score in {milestone.key for milestone in instrument.milestones}


def is_chosen(clinic: StudiedClinic, selection: Selection) -> bool:
    """Whether the clinic has the attributes asked for, as far as the viewer may see them."""
    organizations = {str(key) for key in selection.organizations}
    asked = {
        "organization": organizations,
        "state": selection.states,
        "setting": selection.settings,
        "ehr": selection.ehrs,
    }
    return all(not values or clinic.attributes[name] in values for name, values in asked.items())


def _versions(
    uses: Sequence[QuestionnaireUse], selection: Selection, problems: list[str]
) -> list[QuestionnaireUse]:
    """All versions in use of the questionnaire asked for, or of the one used most."""
    counts: dict[str, int] = {}
    for use in uses:
        counts[use.slug] = counts.get(use.slug, 0) + use.assessments
    if not counts:
        return []
    slug = selection.questionnaire
    if slug is not None and slug not in counts:
        problems.append("There are no results of that questionnaire.")
    if slug not in counts:
        slug = min(counts, key=lambda name: (-counts[name], name))
    return [use for use in uses if use.slug == slug]


def _newest(versions: Sequence[QuestionnaireUse]) -> Instrument | None:
    if not versions:
        return None
    return get_instrument(max(versions, key=lambda one: version_order(one.version)).version_id)


def _corrected(
    selection: Selection, versions: Sequence[QuestionnaireUse], problems: list[str]
) -> Selection:
    """Without a score that the questionnaire does not have."""
    instrument = _newest(versions)
    if instrument is None:
        return selection
    try:
        find_measure(instrument, selection.score)
    except KeyError:
        problems.append(f"{instrument.title} has no such score. This is the overall one.")
        return replace(selection, score=OVERALL)
    return selection
