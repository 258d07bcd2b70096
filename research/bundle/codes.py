"""Codes of what is missing, in the formats that have such codes."""

from __future__ import annotations

STATA_NOT_APPLICABLE = "a"
"""Stata's extended missing value .a."""


def not_applicable_code(maximum: float) -> int:
    """What stands for "does not apply" in SPSS and REDCap: 9, or 99 on scales that reach 9."""
    return 9 if maximum < 9 else 99
