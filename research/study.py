"""An analysis that was asked for, read and computed: what page, figures, bundle and API show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from assess.basis import count_note
from assess.quarters import Quarter
from assess.scoring import Basis
from assess.suppression import FEWEST_RATERS
from questionnaires.instrument import Instrument
from research.selection import Selection

if TYPE_CHECKING:
    from assess.trends.analysis import Analysis
    from assess.trends.observations import Observations


def _no_attributes() -> Mapping[str, str | None]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StudiedClinic:
    """A clinic of a study. `code` is its study code; `label` its name where the viewer may see it.

    `organization_code` stands for its organization in files; attributes are None when unknown.
    `attributes` are those by which the viewer may choose and compare clinics: all of them for
    whoever sees names (`is_named`), else those that enough clinics share (see suppressing).
    `coded` are those that may stand in a file, for whoever asks, with a size band as well.
    """

    id: int
    code: str
    label: str
    organization_id: int
    organization_code: str
    organization: str
    state: str | None
    setting: str | None
    ehr: str | None
    clinician_fte: float | None
    baseline: Quarter | None
    is_demo: bool
    is_named: bool = False
    attributes: Mapping[str, str | None] = field(default_factory=_no_attributes)
    coded: Mapping[str, str | None] = field(default_factory=_no_attributes)

    @property
    def own_attributes(self) -> dict[str, str | None]:
        """What is known of the clinic, by the names of selection.ATTRIBUTES."""
        return {
            "organization": str(self.organization_id),
            "setting": self.setting,
            "state": self.state,
            "ehr": self.ehr,
        }


@dataclass(frozen=True, slots=True)
class StudiedAssessment:
    """A revealed assessment of a study; `wave` counts quarters since the clinic's baseline."""

    id: int
    clinic_id: int
    quarter: Quarter
    wave: int
    questionnaire_version: str
    basis: Basis
    raters: int

    @property
    def is_withheld(self) -> bool:
        """Whether too few ratings stand behind its scores for a clinic under a code."""
        return self.basis is Basis.RATINGS and self.raters < FEWEST_RATERS


@dataclass(frozen=True, slots=True)
class Measure:
    """A score that is followed: "overall", a block or a milestone, with the ends of its scale."""

    key: str
    title: str
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class VersionBreak:
    """Where answers to an earlier version of the questionnaire end.

    `time` is the first quarter or wave with answers to the study's version. `left_out` counts the
    earlier assessments whose headline score is not comparable, so that no statistic uses it;
    with 0 the questions were reworded at most.
    """

    version: str
    time: Quarter | int
    assessments: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Study:
    """One selection with everything that was found; immutable, safe to hand to templates.

    `observations` and `analyses` are by measure key; subjects are study codes (or names where the
    viewer may see them: the `label`), times are quarters like "2026Q1" or waves as whole numbers,
    `org` the organization code and `group` the value of the attribute chosen. `measure` is the
    headline. `times` are the quarters or waves compared, in order. `analyses` are computed when
    they are asked for, and remembered. `withheld` counts the assessments that lack scores because
    too few people stand behind them (research.few). `breaks` say where earlier versions of the
    questionnaire end, oldest first.
    """

    selection: Selection
    instrument: Instrument
    measure: Measure
    measures: tuple[Measure, ...]
    clinics: tuple[StudiedClinic, ...]
    assessments: tuple[StudiedAssessment, ...]
    times: tuple[Quarter | int, ...]
    observations: Mapping[str, Observations]
    analyses: Mapping[str, Analysis]
    bases: Mapping[Basis, int]
    breaks: tuple[VersionBreak, ...] = ()
    withheld: int = 0

    @property
    def analysis(self) -> Analysis:
        """The analysis of the headline score."""
        return self.analyses[self.measure.key]

    @property
    def basis_note(self) -> str:
        """What the scores rest on, and how many are withheld."""
        if not self.withheld:
            return count_note(self.bases)
        return f"{count_note(self.bases)} {withheld_note(self.withheld)}"


def withheld_note(assessments: int) -> str:
    """Says that so many assessments lack scores here, and why."""
    which = "One assessment lacks" if assessments == 1 else f"{assessments:,} assessments lack"
    return (
        f"{which} scores here: fewer than {FEWEST_RATERS} ratings stand behind them, so they could "
        "tell what single people answered."
    )


def time_label(time: Quarter | int) -> str:
    """A quarter, or the quarters since the baseline, as people read it."""
    if isinstance(time, Quarter):
        return time.label
    return "Baseline" if time == 0 else f"{time:+d} {'quarter' if time == 1 else 'quarters'}"
