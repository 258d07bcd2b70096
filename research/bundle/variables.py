"""Names and words of the variables, the same in every table, script and codebook."""

from __future__ import annotations

from collections.abc import Mapping

from assess.scoring import Basis
from questionnaires.instrument import Instrument, Milestone
from research.bundle.anonymity import LARGEST, SIZES, WITHHELD
from research.bundle.content import BundleContent, ValueState
from research.bundle.tables import Column, Kind
from research.selection import Clock

STATES = {
    ValueState.LEVEL.value: "has a level",
    ValueState.NOT_APPLICABLE.value: "does not apply to the clinic",
    ValueState.DONT_KNOW.value: "the team did not know",
    ValueState.UNANSWERED.value: "not answered",
    ValueState.WITHHELD.value: "withheld: rests on fewer than five raters, or would tell what does",
}
BASES = {
    Basis.AGREED.value: "levels the team agreed on",
    Basis.RATINGS.value: "means of the separate ratings",
    Basis.IMPORTED.value: "imported from a file",
}
WITHHELD_WORDS = "could identify the clinic"
WITHHELD_TOO = f"“{WITHHELD}” where it {WITHHELD_WORDS}."
NOT_APPLICABLE = "Does not apply"

CLINIC = Column("clinic", "Clinic", "Study code of the clinic.", Kind.TEXT, "Clinic", required=True)
QUARTER = Column(
    "quarter", "Quarter", "Calendar quarter of the assessment, like 2026Q1.",
    Kind.TEXT, "Assessment", required=True,
)  # fmt: skip
WAVE = Column(
    "wave", "Wave", "Quarters since the clinic's baseline; 0 is the baseline.",
    Kind.WHOLE, "Assessment", required=True,
)  # fmt: skip
BASIS = Column(
    "basis", "Basis", "What the scores rest on.",
    Kind.TEXT, "Assessment", choices=BASES, required=True,
)  # fmt: skip
ATTRIBUTES = (
    Column(
        "organization", "Organization", f"Code of the organization. {WITHHELD_TOO}",
        Kind.TEXT, "Clinic",
    ),
    Column("state", "State", f"State. {WITHHELD_TOO}", Kind.TEXT, "Clinic"),
    Column("setting", "Setting", f"Setting. {WITHHELD_TOO}", Kind.TEXT, "Clinic"),
    Column(
        "ehr", "Health record system", f"Electronic health record. {WITHHELD_TOO}",
        Kind.TEXT, "Clinic",
    ),
    Column(
        "size", "Size", f"Clinician full-time equivalents. {WITHHELD_TOO}",
        Kind.TEXT, "Clinic",
        choices={
            **{words: f"{words} full-time equivalents" for _, words in SIZES},
            LARGEST: f"{LARGEST} full-time equivalents",
            WITHHELD: WITHHELD_WORDS,
        },
    ),
)  # fmt: skip


def variable_names(instrument: Instrument) -> Mapping[str, str]:
    """Short variable names by measure: "overall", b1 … of the blocks, m01 … of the milestones."""
    digits = max(2, len(str(len(instrument.milestones))))
    return {
        "overall": "overall",
        **{block.id: f"b{block.number}" for block in instrument.blocks},
        **{one.key: f"m{one.number:0{digits}d}" for one in instrument.milestones},
    }


def score_column(instrument: Instrument, key: str) -> Column:
    """The column of the overall score or of a block."""
    name = variable_names(instrument)[key]
    low, high = score_range(instrument, key)
    if key == "overall":
        how = instrument.scoring.overall.replace("_", " ")
        return Column(
            name, "Overall score", f"Overall score: {how}. Empty when there is none.",
            Kind.NUMBER, "Scores", low, high,
        )  # fmt: skip
    block = instrument.block(key)
    return Column(
        name, block.title,
        f"Score of block {block.number}, {block.title}: {instrument.scoring.block} of its "
        f"{len(block.milestones)} milestones. Empty when too few have a level.",
        Kind.NUMBER, "Scores", low, high,
    )  # fmt: skip


def score_range(instrument: Instrument, key: str) -> tuple[float, float]:
    """Lowest and highest possible score of a block, or overall."""
    blocks = instrument.blocks if key == "overall" else (instrument.block(key),)
    lows, highs = [], []
    for block in blocks:
        of_sum = instrument.scoring.block == "sum"
        is_sum = of_sum and not (
            key == "overall" and instrument.scoring.overall != "mean_of_blocks"
        )
        # a sum over the milestones that have a level: at least one, at most all
        lows.append(float(block.scale.minimum))
        highs.append(float(block.scale.maximum * (len(block.milestones) if is_sum else 1)))
    return min(lows), max(highs)


def milestone_columns(instrument: Instrument, milestone: Milestone) -> tuple[Column, ...]:
    """Value, state and not-applicable flag of one milestone."""
    name = variable_names(instrument)[milestone.key]
    block = instrument.block_of(milestone.key)
    section = f"Block {block.number}: {block.title}"
    return (
        Column(
            name, milestone.title,
            f"{milestone.meaning} Level agreed on, or mean of at least five ratings (see basis).",
            Kind.NUMBER, section,
            milestone.scale.minimum, milestone.scale.maximum,
            levels={value: milestone.scale.label(value) for value in milestone.scale.values()},
            na=f"{name}_na",
        ),
        Column(
            f"{name}_na", f"{milestone.title}: does not apply",
            "1 when the milestone does not apply to the clinic, else 0.",
            Kind.WHOLE, section, 0, 1, levels={0: "No", 1: "Yes"},
        ),
        Column(
            f"{name}_state", f"{milestone.title}: state", "Why there is a level, or why not.",
            Kind.TEXT, section, choices=STATES,
        ),
    )  # fmt: skip


def time_suffix(content: BundleContent, time: str | int) -> str:
    """What a column of one time ends in: "2026q1", "w0", "wm1" for a wave before the baseline."""
    if content.study.clock is Clock.WAVE and isinstance(time, int):
        return f"w{time}" if time >= 0 else f"wm{-time}"
    return str(time).lower()
