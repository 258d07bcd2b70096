"""What a questionnaire is once its file has passed every check: frozen values without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a block score stands; its words and shapes belong to the templates."""

    NEEDS_WORK = "needs_work"
    UNDER_WAY = "under_way"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Band:
    """The values low..high of a scale that share one description."""

    level: int
    low: int
    high: int
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers minimum..maximum, each in exactly one of the ascending bands."""

    id: str
    minimum: int
    maximum: int
    bands: tuple[Band, ...]
    met: int
    under_way: float
    strong: float

    def values(self) -> range:
        """All values a rater may choose, ascending."""
        return range(self.minimum, self.maximum + 1)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value in self.values()

    def band_of(self, value: float) -> Band:
        """The first band that reaches up to `value`: a mean of 3.2 counts as the band ending at 6.

        Raises ValueError for values outside the scale.
        """
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{value} is outside {self.minimum} to {self.maximum}")
        return next(band for band in self.bands if value <= band.high)

    def label(self, value: int) -> str:
        """The word of the band that holds `value`."""
        return self.band_of(value).label

    def status(self, score: float) -> Status:
        """Needs work below `under_way`, strong from `strong`, under way between."""
        if score < self.under_way:
            return Status.NEEDS_WORK
        return Status.UNDER_WAY if score < self.strong else Status.STRONG


@dataclass(frozen=True, slots=True)
class Challenge:
    """A known obstacle of a block, with ways round it."""

    key: str
    title: str
    approaches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """Third-party material, by name; we ship none of it."""

    id: str
    title: str
    publisher: str
    url: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One rated item; `number` runs from 1 over the whole file, `levels` is keyed by band level."""

    key: str
    number: int
    title: str
    meaning: str
    scale: Scale
    levels: Mapping[int, str] = field(hash=False)
    na_allowed: bool
    na_reason: str | None
    evidence: str | None
    tips: tuple[str, ...]
    resources: tuple[Resource, ...]
    currency: str | None

    def description(self, value: float) -> str:
        """What the band of `value` looks like for this milestone."""
        return self.levels[self.scale.band_of(value).level]


@dataclass(frozen=True, slots=True)
class Block:
    """A building block: milestones on one scale that make up one score."""

    id: str
    number: int
    title: str
    why: str
    milestones: tuple[Milestone, ...]
    challenges: tuple[Challenge, ...]

    @property
    def scale(self) -> Scale:
        """The scale all milestones of the block share."""
        return self.milestones[0].scale


@dataclass(frozen=True, slots=True)
class Scoring:
    """Rules as words: block mean|median|sum, overall mean_of_blocks|mean_of_milestones.

    `minimum_answered` is the share (0, 1] of a block's applicable milestones that need a level
    before the block has a score.
    """

    block: str
    overall: str
    minimum_answered: float


@dataclass(frozen=True, slots=True)
class License:
    """Under which terms the wording may be used, and by whom it is held."""

    id: str
    holder: str
    statement: str


@dataclass(frozen=True, slots=True)
class MilestoneChange:
    """How one milestone of an earlier version lives on; `old` is None for an added one."""

    old: str | None
    new: tuple[str, ...]
    relation: str
    comparable: bool


@dataclass(frozen=True, slots=True)
class VersionChange:
    """How this version differs from an earlier one."""

    from_version: str
    changes: tuple[MilestoneChange, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of a questionnaire; `document` is the exact text, `sha256` that of its bytes."""

    slug: str
    version: str
    title: str
    language: str
    summary: str
    help: str
    license: License
    sources: tuple[str, ...]
    scales: Mapping[str, Scale]
    scoring: Scoring
    blocks: tuple[Block, ...]
    resources: Mapping[str, Resource]
    history: tuple[VersionChange, ...]
    sha256: str
    document: str = field(repr=False)
    _milestones: Mapping[str, tuple[Block, Milestone]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        index = {m.key: (block, m) for block in self.blocks for m in block.milestones}
        object.__setattr__(self, "_milestones", MappingProxyType(index))

    def __hash__(self) -> int:
        return hash((self.slug, self.version, self.sha256))

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """All milestones in the order of the file."""
        return tuple(milestone for _, milestone in self._milestones.values())

    def block(self, block_id: str) -> Block:
        """The block of this id; KeyError when there is none."""
        for block in self.blocks:
            if block.id == block_id:
                return block
        raise KeyError(block_id)

    def milestone(self, key: str) -> Milestone:
        """The milestone of this key; KeyError when there is none."""
        return self._milestones[key][1]

    def block_of(self, key: str) -> Block:
        """The block that holds the milestone of this key; KeyError when there is none."""
        return self._milestones[key][0]
