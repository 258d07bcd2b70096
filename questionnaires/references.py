"""Checks what a schema cannot say: bands that cover their scale, keys that are unique and known.

Each check skips what the schema already found broken, so that one slip gives one problem.
"""

from __future__ import annotations

from typing import Any

from questionnaires.problems import FieldPath
from questionnaires.reading import Reading

# the overall score is stored beside the block scores; the others are pages beside the blocks'
RESERVED_BLOCKS = frozenset({"overall", "check", "done", "finish"})


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
        self._unusable: set[str | int] = set()  # scales whose bands cannot be relied on

    def check(self) -> None:
        for name, scale in self._entries(("scales",)):
            self._scale(("scales", name), scale)
        for at, block in self._entries(("blocks",)):
            self._block(("blocks", at), block)
        self._ranges()
        for at, entry in self._entries(("history",)):
            self._history(("history", at), entry)

    def _entries(self, path: FieldPath) -> list[tuple[Any, Any]]:
        """The entries at `path` that are groups of fields; none when it is of the wrong type."""
        value: Any = self._document
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return []
        kind = dict if path == ("scales",) else list
        if not isinstance(value, kind):
            return []
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [(key, entry) for key, entry in pairs if isinstance(entry, dict)]

    def _sound(self, path: FieldPath) -> bool:
        """Whether the schema found nothing wrong at or below `path`."""
        return not any(broken[: len(path)] == path for broken in self._broken)

    def _scale(self, path: FieldPath, scale: dict[str, Any]) -> None:
        if not self._sound(path):
            return
        low, high = scale["minimum"], scale["maximum"]
        if not self._bands((*path, "bands"), scale["bands"], low, high):
            self._unusable.add(path[-1])
        if not low < scale["met"] <= high:
            self._reading.report((*path, "met"), f"must be above {low} and at most {high}")
        if not low < scale["status"]["under_way"] < scale["status"]["strong"] <= high:
            wanted = f"must rise: {low} < under_way < strong <= {high}"
            self._reading.report((*path, "status"), wanted)

    def _bands(
        self, path: FieldPath, bands: list[dict[str, Any]], minimum: int, maximum: int
    ) -> bool:
        """Whether the bands cover minimum..maximum once; stops at the first that does not."""
        expected, level = minimum, -1
        for at, band in enumerate(bands):
            low, high, fault = band["low"], band["high"], None
            if low < expected:
                fault = ("low", f"overlaps; this band must start at {expected}")
            elif low > expected:
                fault = ("low", f"leaves a gap; this band must start at {expected}")
            elif high < low:
                fault = ("high", f"ends before it starts; use {low} or more")
            elif band["level"] <= level:
                fault = ("level", f"levels must rise; use a number above {level}")
            elif at == len(bands) - 1 and high != maximum:
                fault = ("high", f"the last band must end at the maximum, {maximum}")
            if fault:
                self._reading.report((*path, at, fault[0]), fault[1])
                return False
            expected, level = high + 1, band["level"]
        return True

    def _block(self, path: FieldPath, block: dict[str, Any]) -> None:
        self._unique("block", block.get("id"), (*path, "id"))
        if block.get("id") in RESERVED_BLOCKS:
            fault = f"{block['id']!r} is reserved; choose another id"
            self._reading.report((*path, "id"), fault)
        scales = set()
        for at, milestone in self._entries((*path, "milestones")):
            here = (*path, "milestones", at)
            self._unique("milestone", milestone.get("key"), (*here, "key"))
            self._milestone(here, milestone)
            scales.add(str(milestone.get("scale")))
        if len(scales) > 1 and self._sound((*path, "milestones")):
            names = ", ".join(sorted(scales))
            fix = "a block score needs one scale; move milestones to another block"
            self._reading.report((*path, "milestones"), f"uses the scales {names}; {fix}")
        for at, challenge in self._entries((*path, "challenges")):
            where = (*path, "challenges", at, "key")
            self._unique("challenge", challenge.get("key"), where)

    def _milestone(self, path: FieldPath, milestone: dict[str, Any]) -> None:
        report = self._reading.report
        known = self._document.get("resources")
        self._scale_of(path, milestone)
        rule = milestone.get("not_applicable")
        if isinstance(rule, dict) and rule.get("allowed") is True and "reason" not in rule:
            report((*path, "not_applicable", "reason"), "is missing; say when it does not apply")
        if isinstance(known, dict) and isinstance(milestone.get("resources"), list):
            for at, resource in enumerate(milestone["resources"]):
                if isinstance(resource, str) and resource not in known:
                    fix = "is not under `resources`; add it there or correct the id"
                    report((*path, "resources", at), f"{resource!r} {fix}")

    def _scale_of(self, path: FieldPath, milestone: dict[str, Any]) -> None:
        scales, name = self._document.get("scales"), milestone.get("scale")
        if not isinstance(scales, dict) or not isinstance(name, str) or ("scales",) in self._broken:
            return
        if name not in scales:
            fix = f"there is no scale {name!r}; use {' or '.join(scales)}"
            self._reading.report((*path, "scale"), fix)
        elif self._sound(("scales", name)) and name not in self._unusable:
            self._levels((*path, "levels"), milestone.get("levels"), scales[name])

    def _levels(self, path: FieldPath, levels: Any, scale: dict[str, Any]) -> None:
        if not isinstance(levels, dict) or not self._sound(path):
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
