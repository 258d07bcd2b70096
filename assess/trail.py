"""What the audit log keeps of assessments: the steps, never what anybody answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assess.models import Assessment
from assess.quarters import Quarter
from core import audit


def note(
    action: str,
    assessment: Assessment,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a step of a flushed assessment in the chain of its organization."""
    quarter = Quarter.parse(assessment.quarter).label
    audit.record(
        action,
        subject=f"assessment {assessment.id}, {quarter}, of clinic {assessment.clinic_id}",
        organization_id=assessment.organization_id,
        before=before,
        after=after,
    )


def note_state(action: str, assessment: Assessment, before: str) -> None:
    """Record that an assessment went on from the state `before` to the one it has now."""
    note(action, assessment, before={"state": before}, after={"state": str(assessment.state)})
