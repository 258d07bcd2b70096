"""What the audit log keeps of plans: steps and names of milestones, never what is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from action_plans.models import ActionPlan
from assess.quarters import Quarter
from core import audit


def note(
    action: str,
    plan: ActionPlan,
    *,
    part: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a step of a flushed plan, or of a part of it ("action 4 of "), in its chain."""
    quarter = Quarter.parse(plan.quarter).label
    audit.record(
        action,
        subject=f"{part}plan {plan.id}, {quarter}, of clinic {plan.clinic_id}",
        organization_id=plan.organization_id,
        before=before,
        after=after,
    )
