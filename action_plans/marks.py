"""What a clinic did and when, to stand beside its scores: titles, no more. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from assess.quarters import Quarter


@dataclass(frozen=True, slots=True)
class ActionMark:
    """An action that was done, or is under way, in the quarter of its plan."""

    quarter: Quarter
    milestone: str
    title: str
    is_done: bool
