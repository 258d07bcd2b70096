"""The jobs in a clinic that raters choose from; kept as the words themselves."""

from __future__ import annotations

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
