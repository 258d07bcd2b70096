"""JSON Schema (draft 2020-12, as OpenAPI 3.1 has it) of frozen dataclasses. PURE."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

_SIMPLE = {str: "string", bool: "boolean", int: "integer", float: "number"}
_ANYTHING: dict[str, Any] = {}


def schemas_of(*roots: type) -> dict[str, Any]:
    """{name: schema} of the dataclasses and of all that they hold."""
    found: dict[str, Any] = {}
    for root in roots:
        _add(root, found)
    return dict(sorted(found.items()))


def reference(kind: type) -> dict[str, str]:
    """Where the description of a dataclass stands."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _add(kind: type, found: dict[str, Any]) -> None:
    if kind.__name__ in found:
        return
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False}
    found[kind.__name__] = schema
    schema["description"] = " ".join((kind.__doc__ or "").split())
    hints = typing.get_type_hints(kind, include_extras=True)
    schema["required"] = [field.name for field in dataclasses.fields(kind)]
    schema["properties"] = {name: _schema(hints[name], found) for name in schema["required"]}


def _schema(hint: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Raises TypeError for what JSON has no form for."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _schema(arguments[0], found) | {"description": arguments[1]}
    if hint is Any:
        return dict(_ANYTHING)
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if origin is tuple and arguments[1:] == (...,):
        return {"type": "array", "items": _schema(arguments[0], found)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], found)}
    if origin in (types.UnionType, typing.Union):
        return _optional([one for one in arguments if one is not type(None)], found)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [one.value for one in hint]}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        _add(hint, found)
        return reference(hint)
    raise TypeError(f"{hint} cannot be described")


def _optional(kinds: list[Any], found: dict[str, Any]) -> dict[str, Any]:
    """One kind or null."""
    if len(kinds) != 1:
        raise TypeError("only one kind of value or null can be described")
    schema = _schema(kinds[0], found)
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
