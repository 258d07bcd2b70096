"""What is kept of an assessment: lines in the audit log, and the steps that its pages show.

The log tells what was done, never what anybody answered. The reasons that people write stand with
the steps only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assess.following.models import AssessmentStep
from assess.models import Assessment
from assess.quarters import Quarter
from core import audit, clock
from core.db import db


def note(
    action: str,
    assessment: Assessment,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record something about a flushed assessment in the chain of its organization."""
    quarter = Quarter.parse(assessment.quarter).label
    audit.record(
        action,
        subject=f"assessment {assessment.id}, {quarter}, of clinic {assessment.clinic_id}",
        organization_id=assessment.organization_id,
        before=before,
        after=after,
    )


def note_step(
    step: str,
    assessment: Assessment,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Record a step of the assessment as a whole, in the log and for its pages."""
    note(f"assessment.{step}", assessment, before=before, after=after)
    db.session.add(
        AssessmentStep(
            organization_id=assessment.organization_id,
            clinic_id=assessment.clinic_id,
            assessment_id=assessment.id,
            step=step,
            reason=reason,
            person_id=audit.acting_person(),
            at=clock.now(),
        )
    )


def note_state(action: str, assessment: Assessment, before: str, reason: str = "") -> None:
    """Record that an assessment went on from the state `before` to the one it has now."""
    after = {"state": str(assessment.state)}
    if before == assessment.state:
        note(action, assessment, before={"state": before}, after=after)
        return
    step = action.removeprefix("assessment.")
    note_step(step, assessment, before={"state": before}, after=after, reason=reason)
