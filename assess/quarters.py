"""Quarters under the name that assessments, plans and trends know them by."""

from __future__ import annotations

from core.quarters import Quarter

__all__ = ["Quarter"]
