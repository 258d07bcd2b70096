"""An analysis that was asked for, read and computed: what the page, figures, bundle and API show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.quarters import Quarter
from assess.scoring import Basis
from questionnaires.instrument import Instrument
from research.selection import Selection

if TYPE_CHECKING:
    from assess.trends.analysis import Analysis
    from assess.trends.observations import Observations


@dataclass(frozen=True, slots=True)
class StudiedClinic:
    """A clinic of a study. `code` is its study code; `label` its name where the viewer may see it.

    `organization_code` stands for its organization in files; attributes are None when unknown.
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


@dataclass(frozen=True, slots=True)
class Measure:
    """A score that is followed: "overall", a block or a milestone, with the ends of its scale."""

    key: str
    title: str
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Study:
    """One selection with everything that was found; immutable, safe to hand to templates.

    `observations` and `analyses` are by measure key; subjects are study codes (or names where the
    viewer may see them: the `label`), times are quarters like "2026Q1" or waves as whole numbers,
    `org` the organization code and `group` the value of the attribute chosen. `measure` is the
    headline. `times` are the quarters or waves compared, in order.
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

    @property
    def analysis(self) -> Analysis:
        """The analysis of the headline score."""
        return self.analyses[self.measure.key]
