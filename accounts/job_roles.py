"""What people do in a clinic; one list for accounts, ratings and everything counted by job role."""

from __future__ import annotations

# stored as shown; results by job role only stand together when everybody chose from one list
JOB_ROLES = (
    "Physician",
    "Nurse practitioner or PA",
    "Nurse",
    "Medical assistant",
    "Behavioral health",
    "Pharmacist",
    "Front desk",
    "Clinic manager",
    "Care coordinator",
    "Other",
)


def job_role_choices(unsaid: str = "I would rather not say") -> list[tuple[str, str]]:
    """(value, label) for a select field; nobody has to say, so the first choice is empty."""
    return [("", unsaid), *((role, role) for role in JOB_ROLES)]
