"""Keeps who is asked to rate, where that is not everybody."""

from __future__ import annotations

from collections.abc import Collection

from assess.following.models import AskedPerson
from assess.models import Assessment
from core.db import db


def ask(assessment: Assessment, people: Collection[int]) -> None:
    """Add these people to those asked; for an assessment that does not ask everyone."""
    db.session.add_all(
        AskedPerson(
            organization_id=assessment.organization_id,
            clinic_id=assessment.clinic_id,
            assessment_id=assessment.id,
            person_id=person_id,
        )
        for person_id in sorted(set(people))
    )
    db.session.flush()
