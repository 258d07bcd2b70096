"""What the API hands out, one frozen dataclass per thing; its description is made from these.

Clinics and organizations appear by code only, whoever asks. PURE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class ScaleLevel:
    """A level that raters can choose."""

    value: int
    label: Annotated[str, "The word for it."]


@dataclass(frozen=True, slots=True)
class MilestoneText:
    """One rated item."""

    key: Annotated[str, "Stable name; never reused for something else."]
    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class BlockText:
    """A group of milestones with one score."""

    id: Annotated[str, "Also the name of the measure that is the block's score."]
    title: str
    levels: tuple[ScaleLevel, ...]
    milestones: tuple[MilestoneText, ...]


@dataclass(frozen=True, slots=True)
class QuestionnaireText:
    """A version of a questionnaire."""

    id: str
    version: Annotated[str, "Semantic version: a new major one is not comparable as a whole."]
    title: str
    language: str
    license: str
    sha256: Annotated[str, "Of the questionnaire file, so that the exact wording can be proved."]
    blocks: tuple[BlockText, ...]


@dataclass(frozen=True, slots=True)
class QuestionnaireList:
    """Every published questionnaire, each in every version."""

    items: tuple[QuestionnaireText, ...]
