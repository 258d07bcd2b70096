"""Which scores may be compared over versions of a questionnaire, as its file says. PURE.

Versions of one major number are comparable, except where the newer file's history says otherwise.
Over a new major version only what the history maps milestone by milestone is comparable: a block
when each of its milestones is and the earlier block had no other, the overall score when every
block is.
"""

from __future__ import annotations

from collections.abc import Mapping

from assess.program import OVERALL
from questionnaires.instrument import Instrument, VersionChange


def comparable_keys(newer: Instrument, older: Instrument) -> Mapping[str, str]:
    """Keys of scores in `newer` that `older` has too, each with its key there.

    Keys are "overall", block ids and milestone keys; what is missing must not be compared.
    """
    if newer.version == older.version:
        return {key: key for key in (OVERALL, *_keys(newer))}
    change = next((one for one in newer.history if one.from_version == older.version), None)
    if major(newer.version) == major(older.version) and change is None:
        known = set(_keys(older))
        return {OVERALL: OVERALL, **{key: key for key in _keys(newer) if key in known}}
    milestones = _milestones(newer, older, change)
    blocks = _blocks(newer, older, milestones)
    whole = len(blocks) == len(newer.blocks) == len(older.blocks)
    return {**({OVERALL: OVERALL} if whole else {}), **blocks, **milestones}


def major(version: str) -> int:
    """The first number of a version: 2 of "2.1.0"."""
    return int(version.split(".", 1)[0])


def version_order(version: str) -> tuple[int, ...]:
    """Sorts 1.10.0 after 1.9.0."""
    return tuple(int(part) for part in version.split("."))


def _keys(instrument: Instrument) -> tuple[str, ...]:
    blocks = (block.id for block in instrument.blocks)
    return (*blocks, *(milestone.key for milestone in instrument.milestones))


def _milestones(
    newer: Instrument, older: Instrument, change: VersionChange | None
) -> dict[str, str]:
    """Milestones that live on as one and the same; the map speaks, and within a major version
    what it does not mention stayed as it was."""
    if change is None:
        return {}
    old_keys = {milestone.key for milestone in older.milestones}
    mapped = {
        one.new[0]: one.old
        for one in change.changes
        if one.old in old_keys and len(one.new) == 1 and one.comparable
    }
    if major(newer.version) == major(older.version):
        spoken = {key for one in change.changes for key in (*one.new, one.old)}
        mapped |= {
            milestone.key: milestone.key
            for milestone in newer.milestones
            if milestone.key in old_keys and milestone.key not in spoken
        }
    return {
        milestone.key: old
        for milestone in newer.milestones
        if (old := mapped.get(milestone.key)) is not None
    }


def _blocks(newer: Instrument, older: Instrument, milestones: Mapping[str, str]) -> dict[str, str]:
    contents = {frozenset(one.key for one in block.milestones): block.id for block in older.blocks}
    found = {}
    for block in newer.blocks:
        before = frozenset(milestones.get(one.key, "") for one in block.milestones)
        if len(before) == len(block.milestones) and before in contents:
            found[block.id] = contents[before]
    return found
