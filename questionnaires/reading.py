"""Reads the small safe part of YAML that questionnaire files use, and remembers every line.

YAML's conveniences hide mistakes in reviewed content: the last of two equal keys wins, an alias
makes two places change at once, `1.10` loses its zero. So only plain mappings, lists, text,
numbers, true, false and null are read; mapping keys are always text; anything else is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from questionnaires.problems import FieldPath, Problem, field_name

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12  # a questionnaire needs 7; deeper nesting would only exhaust the call stack
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


class UnreadableError(Exception):
    """The text cannot be read on from here; the problem is already noted."""


@dataclass(slots=True)
class Reading:
    """A file's plain value, the line of each field, and the problems met on the way."""

    source: str
    value: Any = None
    lines: dict[FieldPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[FieldPath] = field(default_factory=set)  # already reported, their value unknown

    def line(self, path: FieldPath) -> int:
        """The line of the field, or of the nearest field around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def report(self, path: FieldPath, message: str, line: int | None = None) -> None:
        """Note a problem of the field at `path`."""
        at = self.line(path) if line is None else line
        self.problems.append(Problem(self.source, at, field_name(path), message))


def read(text: str, *, source: str) -> Reading:
    """Read a questionnaire's text; problems are collected in the result, nothing is raised."""
    reading = Reading(source)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        reading.report((), f"the file has {size} bytes; at most {MAX_BYTES} are read. Shorten it.")
        return reading
    events = YAML(typ="safe", pure=True).parse(text)
    try:
        _document(events, reading)
    except UnreadableError:
        reading.value = None
    except (YAMLError, ValueError) as error:
        reading.value = None
        reading.report((), f"this is not valid YAML: {_reason(error)}", _line_of(error))
    return reading


def _document(events: Iterator[Event], reading: Reading) -> None:
    for event in events:
        if isinstance(event, DocumentStartEvent):
            if reading.lines:
                reading.report((), "a second document starts here; keep one per file", _line(event))
                raise UnreadableError
            first = next(events)
            if not isinstance(first, NodeEvent):
                raise UnreadableError
            reading.lines[()] = _line(first)
            reading.value = _node(first, events, (), reading)
    if not reading.lines:
        reading.report((), "the file is empty; start with `format: 1`")


def _node(event: Event, events: Iterator[Event], path: FieldPath, reading: Reading) -> Any:
    if isinstance(event, AliasEvent):
        reading.report(path, f"alias *{event.anchor} is not allowed; write it out", _line(event))
        reading.unread.add(path)
        return None
    if isinstance(event, NodeEvent) and event.anchor:
        reading.report(path, f"anchor &{event.anchor} is not allowed; remove it", _line(event))
    if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag:
        reading.report(path, f"tag {event.tag} is not allowed; remove it", _line(event))
    if len(path) > MAX_DEPTH:
        reading.report(path[:3], f"nested more than {MAX_DEPTH} deep", _line(event))
        raise UnreadableError
    if isinstance(event, MappingStartEvent):
        return _mapping(events, path, reading)
    if isinstance(event, SequenceStartEvent):
        return _sequence(events, path, reading)
    if isinstance(event, ScalarEvent):
        return _plain(event.value) if event.style is None else event.value
    raise UnreadableError


def _mapping(events: Iterator[Event], path: FieldPath, reading: Reading) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key in events:
        if isinstance(key, MappingEndEvent):
            break
        name = _key(key, path, reading)
        here = (*path, name)
        fresh = name not in result
        if fresh:
            reading.lines[here] = _line(key)
        else:
            first = reading.line(here)
            reading.report(here, f"given twice, first in line {first}; keep one", _line(key))
        value = _node(next(events), events, here, reading)
        if fresh:
            result[name] = value
    return result


def _key(event: Event, path: FieldPath, reading: Reading) -> str:
    if not isinstance(event, ScalarEvent):
        reading.report(path, "a field name must be plain text", _line(event))
        raise UnreadableError
    if event.anchor or event.tag:
        reading.report((*path, event.value), "a field name takes no anchor or tag", _line(event))
    if event.value == "<<" and event.style is None:
        reading.report((*path, "<<"), "merge keys are not allowed; write it out", _line(event))
        reading.unread.add((*path, "<<"))
    return str(event.value)


def _sequence(events: Iterator[Event], path: FieldPath, reading: Reading) -> list[Any]:
    result: list[Any] = []
    for event in events:
        if isinstance(event, SequenceEndEvent):
            break
        here = (*path, len(result))
        reading.lines[here] = _line(event)
        result.append(_node(event, events, here, reading))
    return result


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return 1 if mark is None else int(mark.line) + 1


def _reason(error: Exception) -> str:
    if isinstance(error, MarkedYAMLError):
        parts = [str(part) for part in (error.context, error.problem) if part]
        return ", ".join(parts) or "unreadable"
    return " ".join(str(error).split())
