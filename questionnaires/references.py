"""Checks what a schema cannot say: bands that cover their scale, keys that are unique and known.

Each check skips what the schema already found broken, so that one slip gives one problem.
"""

from __future__ import annotations

from typing import Any

from questionnaires.problems import FieldPath
from questionnaires.reading import Reading

RESERVED_BLOCK = "overall"  # the overall score is stored beside the block scores


def check_references(reading: Reading, broken: frozenset[FieldPath]) -> None:
    """Report every fault between fields; `broken` are the paths the schema rejected."""
    _References(reading, broken).check()


class _References:
    """The checks a schema cannot express; each skips what the schema already found broken."""

    def __init__(self, reading: Reading, broken: frozenset[FieldPath]) -> None:
        self._reading = reading
        self._broken = broken
        self._document: dict[str, Any] = reading.value if isinstance(reading.value, dict) else {}
        self._seen: dict[tuple[str, str], FieldPath] = {}

    def check(self) -> None:
        for name, scale in self._entries(("scales",)):
            self._scale(("scales", name), scale)
        for at, block in self._entries(("blocks",)):
            self._block(("blocks", at), block)
        self._ranges()
        for at, entry in self._entries(("history",)):
            self._history(("history", at), entry)

    def _entries(self, path: FieldPath) -> list[tuple[Any, Any]]:
        """The entries of the list or group at `path` that are groups of fields."""
        value: Any = self._document
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return []
        pairs = list(value.items() if isinstance(value, dict) else enumerate(value or ()))
        return [(key, entry) for key, entry in pairs if isinstance(entry, dict)]

    def _sound(self, path: FieldPath) -> bool:
        """Whether the schema found nothing wrong at or below `path`."""
        return not any(broken[: len(path)] == path for broken in self._broken)

    def _scale(self, path: FieldPath, scale: dict[str, Any]) -> None:
        if not self._sound(path):
            return
        report, expected = self._reading.report, scale["minimum"]
        levels: list[int] = []
        for at, band in enumerate(scale["bands"]):
            here = (*path, "bands", at)
            if band["low"] != expected:
                fault = "overlaps the band before it" if band["low"] < expected else "leaves a gap"
                report((*here, "low"), f"{fault}; it must start at {expected}")
            if band["high"] < band["low"]:
                report((*here, "high"), f"ends before it starts; use {band['low']} or more")
            if levels and band["level"] <= levels[-1]:
                report((*here, "level"), f"levels must rise; use a number above {levels[-1]}")
            levels.append(band["level"])
            expected = band["high"] + 1
        if expected != scale["maximum"] + 1:
            last = (*path, "bands", len(levels) - 1, "high")
            report(last, f"the last band must end at the maximum, {scale['maximum']}")
        low, high = scale["minimum"], scale["maximum"]
        if not low < scale["met"] <= high:
            report((*path, "met"), f"must be above {low} and at most {high}")
        if not low < scale["status"]["under_way"] < scale["status"]["strong"] <= high:
            wanted = f"must rise: {low} < under_way < strong <= {high}"
            report((*path, "status"), wanted)

    def _block(self, path: FieldPath, block: dict[str, Any]) -> None:
        self._unique("block", block.get("id"), (*path, "id"))
        if block.get("id") == RESERVED_BLOCK:
            self._reading.report((*path, "id"), "'overall' is reserved; choose another id")
        scales = set()
        for at, milestone in self._entries((*path, "milestones")):
            here = (*path, "milestones", at)
            self._unique("milestone", milestone.get("key"), (*here, "key"))
            self._milestone(here, milestone)
            scales.add(milestone.get("scale"))
        if len(scales) > 1 and self._sound((*path, "milestones")):
            names = ", ".join(sorted(scales))
            fix = "a block score needs one scale; move milestones to another block"
            self._reading.report((*path, "milestones"), f"uses the scales {names}; {fix}")
        for at, challenge in self._entries((*path, "challenges")):
            where = (*path, "challenges", at, "key")
            self._unique("challenge", challenge.get("key"), where)

    def _milestone(self, path: FieldPath, milestone: dict[str, Any]) -> None:
        report = self._reading.report
        scales, known = self._document.get("scales"), self._document.get("resources")
        name = milestone.get("scale")
        if isinstance(scales, dict) and isinstance(name, str):
            if name not in scales:
                report((*path, "scale"), f"there is no scale {name!r}; use {' or '.join(scales)}")
            elif self._sound(("scales", name)) and self._sound((*path, "levels")):
                self._levels((*path, "levels"), milestone.get("levels"), scales[name])
        rule = milestone.get("not_applicable")
        if isinstance(rule, dict) and rule.get("allowed") is True and "reason" not in rule:
            report((*path, "not_applicable", "reason"), "is missing; say when it does not apply")
        if isinstance(known, dict) and isinstance(milestone.get("resources"), list):
            for at, resource in enumerate(milestone["resources"]):
                if isinstance(resource, str) and resource not in known:
                    fix = "is not under `resources`; add it there or correct the id"
                    report((*path, "resources", at), f"{resource!r} {fix}")

    def _levels(self, path: FieldPath, levels: Any, scale: dict[str, Any]) -> None:
        if not isinstance(levels, dict):
            return
        wanted = [str(band["level"]) for band in scale["bands"]]
        for level in wanted:
            if level not in levels:
                self._reading.report((*path, level), "is missing; describe this level")
        for level in levels:
            if level not in wanted:
                self._reading.report((*path, level), f"is no level; use {', '.join(wanted)}")

    def _ranges(self) -> None:
        """The overall score averages blocks or milestones, which only one range allows."""
        ranges: dict[tuple[Any, Any], str] = {}
        for name, scale in self._entries(("scales",)):
            if self._sound(("scales", name)):
                ranges.setdefault((scale["minimum"], scale["maximum"]), name)
        if len(ranges) > 1:
            fix = "all scales need the same minimum and maximum, because overall is their mean"
            self._reading.report(("scales", list(ranges.values())[1]), fix)

    def _unique(self, kind: str, key: Any, path: FieldPath) -> None:
        if not isinstance(key, str):
            return
        first = self._seen.setdefault((kind, key), path)
        if first != path:
            line = self._reading.line(first)
            fix = f"{kind} {key!r} is already in line {line}; choose another key"
            self._reading.report(path, fix)

    def _history(self, path: FieldPath, entry: dict[str, Any]) -> None:
        if not self._sound(path):
            return
        keys = {key for kind, key in self._seen if kind == "milestone"}
        if self._sound(("version",)) and not _parts(entry["from"]) < _parts(
            self._document.get("version", "0.0.0")
        ):
            self._reading.report((*path, "from"), "must be an earlier version than this one")
        for at, change in enumerate(entry["map"]):
            here = (*path, "map", at)
            for number, key in enumerate(change["new"]):
                if key not in keys:
                    fix = f"{key!r} is no milestone of this version; correct the key"
                    self._reading.report((*here, "new", number), fix)
            if fault := _relation_fault(change):
                self._reading.report((*here, "relation"), fault)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _relation_fault(change: dict[str, Any]) -> str | None:
    relation, count, old = change["relation"], len(change["new"]), "old" in change
    if old == (relation == "added"):
        return "only 'added' goes without `old`; correct the relation or `old`"
    if relation == "dropped" and count:
        return "a dropped milestone has no `new`; empty the list"
    if relation == "split" and count < 2:
        return "a split milestone has two or more `new`; list them"
    if relation in ("same", "reworded", "moved", "merged", "added") and count != 1:
        return f"a milestone that is {relation} has exactly one `new`"
    return None
