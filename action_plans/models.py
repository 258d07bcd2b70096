"""Tables of action plans: goals, actions and what became of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import ClinicData
from core.db import Base


class PlanState(StrEnum):
    """A plan is drafted, worked on for its quarter, then closed with a reflection."""

    DRAFT = "draft"
    ACTIVE = "active"
    CLOSED = "closed"


class ActionStatus(StrEnum):
    """Where one action stands."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    DONE = "done"
    STOPPED = "stopped"


class ActionPlan(ClinicData, Base):
    """What a clinic does in the three months after one assessment."""

    __tablename__ = "action_plan"
    __table_args__ = (
        UniqueConstraint("assessment_id"),
        CheckConstraint("state in ('draft', 'active', 'closed')", name="state"),
        Index("ix_action_plan_clinic_id_quarter", "clinic_id", "quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    quarter: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10), default=PlanState.DRAFT)
    meeting_on: Mapped[date | None]
    participants: Mapped[str] = mapped_column(Text, default="")
    next_meeting_on: Mapped[date | None]
    reflection: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class Goal(ClinicData, Base):
    """One milestone the team wants to move, from which level to which."""

    __tablename__ = "goal"
    __table_args__ = (UniqueConstraint("plan_id", "milestone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("action_plan.id", ondelete="CASCADE"))
    position: Mapped[int]
    milestone: Mapped[str] = mapped_column(String(80))
    from_level: Mapped[float | None]
    target_level: Mapped[int]
    measure: Mapped[str] = mapped_column(Text, default="")


class Action(ClinicData, Base):
    """One task with an owner and a due date; carried_from points at the quarter before."""

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint("status in ('not_started', 'under_way', 'done', 'stopped')", name="status"),
        Index("ix_action_goal_id", "goal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"))
    position: Mapped[int]
    task: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(200), default="")
    due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20), default=ActionStatus.NOT_STARTED)
    tip: Mapped[str] = mapped_column(Text, default="")
    obstacle: Mapped[str] = mapped_column(String(80), default="")
    obstacle_note: Mapped[str] = mapped_column(Text, default="")
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"))
    revision: Mapped[int] = mapped_column(default=1)


class ActionUpdate(ClinicData, Base):
    """History of an action: who moved it to which status, when, with what remark."""

    __tablename__ = "action_update"
    __table_args__ = (Index("ix_action_update_action_id", "action_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    old_status: Mapped[str] = mapped_column(String(20))
    new_status: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
