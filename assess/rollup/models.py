"""The table of rollups."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import ClinicData
from core.db import Base


class AssessmentRollup(ClinicData, Base):
    """All scores of one assessment on one basis and the counts they come from.

    Written in the transaction that reveals, agrees, closes or imports; recomputable by one command.
    `level_counts` holds how many gave each level to each milestone: unsigned 16-bit little-endian
    integers, milestones × levels of its scale, in the order of the questionnaire (on the agreed
    basis each milestone has one 1 or none); every sum and count of a block follows from it exactly.
    It is empty for imported scores, which have no levels behind them. `scores` holds the block
    scores in the order of the questionnaire and the overall score last, 64-bit little-endian
    floats, NaN where there is no score.
    `is_preferred` marks the one basis that counts: agreed, then imported, then ratings.
    """

    __tablename__ = "assessment_rollup"
    __table_args__ = (
        Index("ix_assessment_rollup_questionnaire", "questionnaire", "is_preferred"),
        Index("ix_assessment_rollup_clinic_id", "clinic_id"),
    )

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    basis: Mapped[str] = mapped_column(String(10), primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(80))
    questionnaire_version_id: Mapped[int] = mapped_column(
        # named by hand: by convention it would be longer than PostgreSQL allows
        ForeignKey("questionnaire_version.id", name="fk_assessment_rollup_questionnaire_version")
    )
    quarter: Mapped[str] = mapped_column(String(6))
    is_preferred: Mapped[bool]
    raters: Mapped[int]
    level_counts: Mapped[bytes] = mapped_column(LargeBinary)
    scores: Mapped[bytes] = mapped_column(LargeBinary)
