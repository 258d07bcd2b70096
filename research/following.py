"""Reads and computes the trend of one clinic, for the people who work in it or look after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from action_plans.queries.marks import list_action_marks
from assess.program import OVERALL
from assess.queries.instruments import get_instrument
from questionnaires.instrument import Instrument
from research.again import compare_raters
from research.comparable import version_order
from research.measures import choices
from research.queries.program import QuestionnaireUse, list_questionnaires
from research.queries.scores import read_scores
from research.queries.spread import get_spread
from research.selection import Method, Selection
from research.study import StudiedClinic

if TYPE_CHECKING:
    from research.clinic_trend import ClinicTrend


@dataclass(frozen=True, slots=True)
class Followed:
    """A clinic's trend and what else could be shown; `trend` is None without any such score.

    `questionnaires` and `scores` are keys and titles. `problems` say what is not there.
    """

    trend: ClinicTrend | None
    questionnaire: str | None
    score: str
    questionnaires: tuple[tuple[str, str], ...]
    scores: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]


def follow_clinic(clinic: StudiedClinic, questionnaire: str | None, score: str) -> Followed:
    """The trend of one score. Six statements, and two more on PostgreSQL; see get_spread."""
    uses = list_questionnaires([clinic.id])
    slugs = _slugs(uses)
    if not slugs:
        return Followed(None, None, OVERALL, (), (), ())
    problems = []
    if questionnaire is not None and questionnaire not in slugs:
        problems.append("This clinic has no results of that questionnaire.")
        questionnaire = None
    slug = questionnaire or slugs[0]
    versions = {use.version_id: get_instrument(use.version_id) for use in uses if use.slug == slug}
    instrument = max(versions.values(), key=lambda one: version_order(one.version))
    scores = tuple(choices(instrument))
    if score not in dict(scores):
        problems.append(f"{instrument.title} has no such score. This is the overall one.")
        score = OVERALL
    return Followed(
        trend=_trend(clinic, slug, versions, score),
        questionnaire=slug,
        score=score,
        questionnaires=tuple((one, _title(uses, one)) for one in slugs) if len(slugs) > 1 else (),
        scores=scores,
        problems=tuple(problems),
    )


def _trend(
    clinic: StudiedClinic, slug: str, versions: dict[int, Instrument], score: str
) -> ClinicTrend | None:
    # numpy loads slowly: the first trend of a process waits for it
    from research.assembling import assemble
    from research.clinic_trend import beside, trend_of

    selection = Selection(questionnaire=slug, score=score, method=Method.MIXED)
    table = read_scores([clinic.id], slug, selection.source)
    study = assemble(selection, versions, [clinic], table).study
    if study is None:
        return None
    trend = trend_of(study, list_action_marks(clinic.id))
    spread = get_spread(slug, study.instrument.version, score, trend.times, is_demo=clinic.is_demo)
    scored = [
        quarter
        for quarter, value in zip(trend.times, trend.values, strict=True)
        if value is not None
    ]
    return beside(trend, spread, compare_raters([clinic.id], slug, score, scored))


def _slugs(uses: tuple[QuestionnaireUse, ...]) -> list[str]:
    """Questionnaires of the clinic, the one used most first."""
    counts: dict[str, int] = {}
    for use in uses:
        counts[use.slug] = counts.get(use.slug, 0) + use.assessments
    return sorted(counts, key=lambda slug: (-counts[slug], slug))


def _title(uses: tuple[QuestionnaireUse, ...], slug: str) -> str:
    return get_instrument(max(use.version_id for use in uses if use.slug == slug)).title
