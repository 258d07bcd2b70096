"""Holds what one printed plan says: frozen values for paper, PDF and the print view alike.

PURE: no web, no database. The same values through `templates/action_plans/sheet.html` give the
same page, so that the PDF of an unchanged plan is the same file, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.days import day
from core.qr import qr_code

# Shape and word of a status; the open box of a waiting action can be ticked with a pen.
STATUS_WORDS = {
    "not_started": ("☐", "Not started"),
    "under_way": ("◧", "Under way"),
    "done": ("☑", "Done"),
    "stopped": ("☒", "Stopped"),
}
STANDING_WORDS = {
    "needs_work": ("●", "Needs work"),
    "under_way": ("◆", "Under way"),
    "strong": ("▲", "Strong"),
}


@dataclass(frozen=True, slots=True)
class SheetBlock:
    """One block's score, its change since the quarter before; `note` replaces a missing score."""

    title: str
    score: float | None
    change: float | None
    standing: str | None  # needs_work, under_way, strong
    met: int
    milestones: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SheetAction:
    """One task on paper; `tip` and `obstacle` are its small print, `carried` its origin."""

    task: str
    owner: str
    due: date | None
    status: str  # not_started, under_way, done, stopped
    tip: str = ""
    obstacle: str = ""
    carried: str = ""


@dataclass(frozen=True, slots=True)
class SheetGoal:
    """One milestone to move: the level it has, the level it shall have, and how we will know."""

    block: str
    milestone: str
    now: str  # "2 Begun"
    now_text: str
    target: str
    target_text: str
    how_we_know: str
    actions: tuple[SheetAction, ...]


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Everything on the sheet. Scores lie within `lowest`..`highest`; `saved_at` is aware."""

    clinic: str
    organization: str
    quarter: str  # "Q4 2026"
    ends_on: date
    previous_quarter: str | None
    state: str  # draft, active, closed
    met_on: date | None
    participants: str
    next_meeting: date | None
    lowest: int
    highest: int
    basis: str  # "agreed levels"
    blocks: tuple[SheetBlock, ...]
    goals: tuple[SheetGoal, ...]
    reflection: str
    questionnaire: str  # "Six Building Blocks self-assessment 1.0.0"
    saved_at: datetime
    url: str
    is_demo: bool
    language: str = "en-US"

    @property
    def title(self) -> str:
        """Title of the document and of the browser's window."""
        return f"Action plan {self.quarter}, {self.clinic}"

    @property
    def headline(self) -> str:
        """What the bars say, in one or two sentences."""
        scored = [block for block in self.blocks if block.score is not None]
        if not scored:
            return "No block has a score yet."
        low = min(scored, key=lambda block: (block.score or 0.0, block.title))
        sentences = [f"{low.title} is lowest at {low.score:.1f}."]
        changes = [block.change for block in scored if block.change is not None]
        if changes and self.previous_quarter:
            # What is shown as +0.0 did not rise.
            rose = sum(change >= 0.05 for change in changes)
            count = "No block" if not rose else f"{rose} of {len(changes)} blocks"
            sentences.insert(0, f"{count} rose since {self.previous_quarter}.")
        return " ".join(sentences)

    def share(self, score: float | None) -> float:
        """Where a score lies on the scale, 0 to 100, for the length of its bar."""
        if score is None:
            return 0.0
        reach = (score - self.lowest) / (self.highest - self.lowest)
        return round(100 * min(max(reach, 0.0), 1.0), 1)


def sheet_context(sheet: PlanSheet, *, stylesheets: Sequence[str] = ()) -> dict[str, Any]:
    """What `sheet.html` needs. `stylesheets`: addresses of its CSS in the browser's view."""
    return {
        "sheet": sheet,
        "stylesheets": stylesheets,
        "qr": qr_code(sheet.url, title=f"QR code that opens {sheet.url}", border=0),
        "day": day,
        "moment": moment,
        "signed": signed,
        "status_words": STATUS_WORDS,
        "standing_words": STANDING_WORDS,
    }


def moment(value: datetime) -> str:
    """A moment with its time zone: "Nov 21, 2026, 14:02 UTC"."""
    return f"{day(value)}, {value:%H:%M} {value:%Z}"


def signed(change: float | None) -> str:
    """A change with its direction as shape and sign: "▲ +0.4", "▼ −0.2", "no change"."""
    if change is None:
        return "first time"
    if abs(change) < 0.05:
        return "no change"
    return f"▲ +{change:.1f}" if change > 0 else f"▼ −{-change:.1f}"
