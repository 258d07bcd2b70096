"""Reads the query of a request to the API; says everything that cannot be understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jsonschema import Draft202012Validator
from werkzeug.datastructures import MultiDict

from accounts.viewer import Viewer
from research.api.answering import QueryProblem
from research.api.description import Parameter
from research.api.paging import USUAL, BadCursor, Key, decode
from research.selection import Selection, read_selection
from research.study import Study
from research.studying import find_study

Arguments = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The coded study of a query; None as long as there are no scores for it."""

    selection: Selection
    study: Study | None


def check(args: Arguments, parameters: Sequence[Parameter]) -> None:
    """Raise QueryProblem for fields that mean nothing here, stand twice, or cannot have a value."""
    known = {one.name: one for one in parameters}
    problems = []
    for name, values in args.lists():
        if name not in known:
            problems.append(f"There is no field “{name[:40]}” here.")
        elif len(values) > 1 and not known[name].many:
            problems.append(f"“{name}” may stand only once.")
        else:
            problems += [
                _refusal(known[name], one) for one in values if not _fits(known[name], one)
            ]
    if problems:
        raise QueryProblem(" ".join(problems))


def _fits(parameter: Parameter, text: str) -> bool:
    value: str | int = text
    if parameter.schema["type"] == "integer" and text.isascii() and text.isdecimal():
        value = int(text[:20])
    return bool(Draft202012Validator(parameter.schema).is_valid(value))


def _refusal(parameter: Parameter, text: str) -> str:
    schema = parameter.schema
    words = parameter.description
    if "enum" in schema:
        words = f"It may be {' or '.join(f'“{one}”' for one in schema['enum'])}."
    elif schema["type"] == "integer":
        words = f"It must be a whole number from {schema['minimum']:,} to {schema['maximum']:,}."
    return f"“{parameter.name}” cannot be “{text[:40]}”. {words}"


def ask(viewer: Viewer, args: Arguments) -> Asked:
    """The study that the query asks for, coded. Raises QueryProblem."""
    from research.coding import coded  # numpy loads slowly: no other command should wait for it

    found = find_study(viewer, read_selection(args), as_coded=True)
    if found.selection.problems:
        raise QueryProblem(" ".join(f"{one.rstrip('.')}." for one in found.selection.problems))
    return Asked(found.selection, coded(found.study) if found.study else None)


def limit_of(args: Arguments) -> int:
    """How many rows are wanted at most, in a query that was checked."""
    return int(args.get("limit", USUAL))


def after_of(args: Arguments, shape: Sequence[type]) -> Key | None:
    """The row behind which the page begins. Raises QueryProblem."""
    cursor = args.get("cursor")
    if cursor is None:
        return None
    try:
        return decode(cursor, shape)
    except BadCursor as error:
        raise QueryProblem(
            "“cursor” must be the “next” of the answer before, as it was sent."
        ) from error
