"""What a data bundle is made from: coded, suppressed and frozen, before any file is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assess.answers import AnswerState, AnswerValue
from assess.quarters import Quarter
from assess.scoring import Basis
from assess.trends.analysis import Analysis
from assess.trends.observations import Observations
from questionnaires.instrument import Instrument
from research.selection import Clock, Method
from research.study import Measure, VersionBreak

# --- as it is read, before anything is withheld ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class MilestoneReading:
    """What an assessment says about one milestone, as stored.

    `agreed` is None where the team agreed on nothing. `counts` are the raters at each value of the
    scale, lowest first; empty when there are no ratings behind the scores (imported). The two
    others are None when nobody counted them.
    """

    agreed: AnswerValue | None
    counts: tuple[int, ...] = ()
    not_applicable: int | None = None
    dont_know: int | None = None


@dataclass(frozen=True, slots=True)
class AssessmentReading:
    """Scores (overall and block ids; those that exist) and milestones of one assessment.

    `scores` and `met`, the number of milestones met, are on the basis of the study.
    """

    assessment_id: int
    scores: Mapping[str, float]
    met: int | None
    milestones: Mapping[str, MilestoneReading]


# --- as it is written -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BundleClinic:
    """A coded clinic. Attributes are None when unknown and WITHHELD where they could identify it.

    `size` is a band of clinician full-time equivalents; `organization` is "O01" and so on.
    """

    code: str
    organization: str | None
    state: str | None
    setting: str | None
    ehr: str | None
    size: str | None


class ValueState(StrEnum):
    """Why a value of a milestone is there, or is not; the first four are those of an answer."""

    LEVEL = AnswerState.LEVEL.value
    NOT_APPLICABLE = AnswerState.NOT_APPLICABLE.value
    DONT_KNOW = AnswerState.DONT_KNOW.value
    UNANSWERED = AnswerState.UNANSWERED.value
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class RatedMilestone:
    """The ratings of one milestone: mean, sd (n - 1) and shares of its levels over n raters.

    All None and n None unless at least five raters gave a level; see `state`.
    """

    state: ValueState
    n: int | None = None
    mean: float | None = None
    sd: float | None = None
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleMilestone:
    """A milestone in one assessment: what the team agreed, and what its raters said before."""

    agreed: AnswerValue | None
    rated: RatedMilestone | None


@dataclass(frozen=True, slots=True)
class BundleAssessment:
    """One clinic in one quarter. `scores` by measure key; None where there is no score.

    `milestones` holds every milestone of the questionnaire, in its order, or nothing (imported
    scores). `wave` counts quarters since the clinic's baseline; `lacks_scores` says whether a score
    is withheld because too few people stand behind it.
    """

    clinic: str
    quarter: Quarter
    wave: int
    version: str
    basis: Basis
    raters: int
    scores: Mapping[str, float | None]
    met: int | None
    milestones: Mapping[str, BundleMilestone]
    lacks_scores: bool = False


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What was analyzed: the query that shows it again on the page, and the same in words.

    `measure` is the headline, `measures` all that were analyzed; `times` those compared, as the
    observations spell them ("2026Q1", or waves as whole numbers). `breaks` say where answers to
    earlier versions of the questionnaire end.
    """

    query: str
    words: str
    measure: Measure
    measures: tuple[Measure, ...]
    clock: Clock
    times: tuple[str | int, ...]
    method: Method
    group: str | None
    breaks: tuple[VersionBreak, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleContent:
    """All that a bundle says. Nothing in it names a clinic, an organization or a person.

    `observations` and `analyses` are by measure key and over the values of the bundle itself, so
    that its scripts find the same numbers; `withheld` says in sentences what was suppressed and
    why, `differences` where the numbers therefore differ from those on the page.
    """

    title: str
    made_on: date
    instrument: Instrument
    study: StudyFacts
    clinics: tuple[BundleClinic, ...]
    assessments: tuple[BundleAssessment, ...]
    observations: Mapping[str, Observations]
    analyses: Mapping[str, Analysis]
    withheld: tuple[str, ...]
    differences: tuple[str, ...] = ()
    url: str | None = None


def time_of(quarter: Quarter, wave: int, clock: Clock) -> str | int:
    """When an assessment was, as observations spell it: "2026Q1", or the wave."""
    return wave if clock is Clock.WAVE else str(quarter)
