"""Reads for the pages of one rater: the sheet with all answers and last time's levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Executable,
    Row,
    and_,
    bindparam,
    case,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from accounts import wall
from accounts.models import Clinic
from accounts.viewer import Scope
from assess.answers import AnswerState, AnswerValue, StoredAnswer, never_given, words
from assess.models import (
    AgreedLevel,
    Answer,
    Assessment,
    Rating,
    State,
)
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.queries.ratings import get_answers
from assess.raters import Rater
from core.errors import NotFound
from questionnaires.instrument import Instrument, Milestone


@dataclass(frozen=True, slots=True)
class Previous:
    """What stood at a milestone last time: the team's level (agreed or imported) or one's own."""

    value: AnswerValue
    quarter: Quarter
    is_the_teams: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One rater's sheet of one assessment; without a rating id the rater has not started."""

    assessment_id: int
    organization_id: int
    clinic_id: int
    clinic_name: str
    quarter: Quarter
    due_on: date | None
    message: str
    state: State
    instrument: Instrument
    rating_id: int | None
    finished_at: datetime | None
    answers: Mapping[str, StoredAnswer]
    previous: Mapping[str, Previous]

    @property
    def scope(self) -> Scope:
        return Scope(
            organization_id=self.organization_id,
            clinic_id=self.clinic_id,
            assessment_id=self.assessment_id,
        )

    @property
    def is_over(self) -> bool:
        """Whether the team has seen the ratings, so that answers can no longer change."""
        return self.state is not State.OPEN

    def answer(self, milestone: str) -> StoredAnswer:
        """What stands at a milestone, given or not."""
        return self.answers.get(milestone) or never_given(milestone)

    def words(self, milestone: Milestone) -> str:
        """The person's answer as a page says it."""
        return words(self.answer(milestone.key).value, milestone.scale)

    def last_words(self, milestone: Milestone) -> str | None:
        """What stood there last time: "Your answer last quarter: 2 Begun"."""
        last = self.previous.get(milestone.key)
        if last is None:
            return None
        when = "last quarter" if self.quarter - last.quarter == 1 else f"in {last.quarter.label}"
        who = "Your team" if last.is_the_teams else "Your answer"
        return f"{who} {when}: {words(last.value, milestone.scale)}"

    def last_level(self, milestone: Milestone) -> int | None:
        """The level that stood there last time, if there was one."""
        last = self.previous.get(milestone.key)
        return None if last is None else last.value.value


def get_sheet(assessment_id: int, rater: Rater) -> Sheet:
    """The rater's sheet with every answer and last time's levels (three statements at most).

    A device is told no levels of last time: results are for people with an account. Raises NotFound
    when there is no such assessment; whether the rater may see it is for the caller to ask, with
    the sheet's scope.
    """
    statement, whose = (
        (_SHEET_OF_PERSON, rater.person_id)
        if rater.person_id is not None
        else (_SHEET_OF_DEVICE, rater.rating_id)
    )
    row = wall.execute(statement, {"assessment_id": assessment_id, "whose": whose}).one_or_none()
    if row is None:
        raise NotFound("This assessment does not exist. Open it from your clinic's page.")
    instrument = get_instrument(row.questionnaire_version_id)
    return Sheet(
        assessment_id=assessment_id,
        organization_id=row.organization_id,
        clinic_id=row.clinic_id,
        clinic_name=row.clinic_name,
        quarter=Quarter.parse(row.quarter),
        due_on=row.due_on,
        message=row.message,
        state=State(row.state),
        instrument=instrument,
        rating_id=row.rating_id,
        finished_at=row.submitted_at,
        answers=get_answers(row.rating_id) if row.rating_id else MappingProxyType({}),
        previous=_get_previous(row, instrument, rater.person_id),
    )


def _get_previous(
    assessment: Row[Any], instrument: Instrument, person_id: int | None
) -> Mapping[str, Previous]:
    """The levels of the latest earlier quarter; the team's win over the person's own."""
    if person_id is None:
        return MappingProxyType({})
    rows = wall.execute(
        _PREVIOUS,
        {
            "clinic_id": assessment.clinic_id,
            "questionnaire": assessment.questionnaire,
            "quarter": assessment.quarter,
            "person_id": person_id,
        },
    ).all()
    return MappingProxyType(_previous_levels(instrument, sorted(rows, key=lambda row: row.rank)))


def _previous_levels(instrument: Instrument, rows: Sequence[Row[Any]]) -> dict[str, Previous]:
    known = {milestone.key: milestone for milestone in instrument.milestones}
    found: dict[str, Previous] = {}
    for row in rows:
        value = AnswerValue(AnswerState(row.state), row.level)
        milestone = known.get(row.milestone)
        # an earlier version of the questionnaire may have had other milestones or another scale
        if milestone and value.answered and (value.value is None or value.value in milestone.scale):
            found[row.milestone] = Previous(value, Quarter.parse(row.quarter), row.rank == 1)
    return found


def _sheet_statement(owner: InstrumentedAttribute[Any]) -> Executable:
    mine = and_(Rating.assessment_id == Assessment.id, owner == bindparam("whose"))
    return (
        select(
            Assessment.organization_id,
            Assessment.clinic_id,
            Assessment.questionnaire,
            Assessment.questionnaire_version_id,
            Assessment.quarter,
            Assessment.due_on,
            Assessment.message,
            Assessment.state,
            Clinic.name.label("clinic_name"),
            Rating.id.label("rating_id"),
            Rating.submitted_at,
        )
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .outerjoin(Rating, mine)
        .where(Assessment.id == bindparam("assessment_id"))
    )


def _previous_statement() -> CompoundSelect[Any]:
    last = (
        select(Assessment.id, Assessment.quarter, Assessment.agreed_at)
        .where(
            Assessment.clinic_id == bindparam("clinic_id"),
            Assessment.questionnaire == bindparam("questionnaire"),
            Assessment.quarter < bindparam("quarter"),
        )
        .order_by(Assessment.quarter.desc())
        .limit(1)
        .subquery()
    )
    agreed = select(
        last.c.quarter,
        AgreedLevel.milestone,
        AgreedLevel.state,
        AgreedLevel.level,
        literal(1).label("rank"),
    ).join(last, (last.c.id == AgreedLevel.assessment_id) & last.c.agreed_at.is_not(None))
    rated = (
        select(
            last.c.quarter,
            Answer.milestone,
            Answer.state,
            Answer.level,
            case((Rating.source == "import", 1), else_=0),
        )
        .join(Rating, Rating.id == Answer.rating_id)
        .join(last, last.c.id == Rating.assessment_id)
        .where(or_(Rating.person_id == bindparam("person_id"), Rating.source == "import"))
    )
    return union_all(agreed, rated)


# built once: putting a statement together costs more than running it
_SHEET_OF_PERSON = _sheet_statement(Rating.person_id)
_SHEET_OF_DEVICE = _sheet_statement(Rating.id)
_PREVIOUS = _previous_statement()
