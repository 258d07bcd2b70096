"""Checks the shape of a questionnaire by schema.json and says in plain words what to change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from questionnaires.problems import FieldPath
from questionnaires.reading import Reading

SCHEMA = Path(__file__).with_name("schema.json")
_KINDS = {
    "object": "a group of fields",
    "array": "a list",
    "string": "text (put it in quotes)",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def check_shape(reading: Reading) -> frozenset[FieldPath]:
    """Report every breach of the schema; returns the paths of the values that breach it."""
    errors = list(_validator().iter_errors(reading.value))
    for error in errors:
        for path, message in _explain(error):
            if path not in reading.unread:
                reading.report(path, message)
    return frozenset(tuple(error.absolute_path) for error in errors)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _explain(error: ValidationError) -> Iterator[tuple[FieldPath, str]]:
    """Put the validator's words into ours: what is wrong and what to write instead."""
    path: FieldPath = tuple(error.absolute_path)
    rule = str(error.validator)
    found: Any = error.instance
    expected: Any = error.validator_value
    if rule == "additionalProperties":
        known: dict[str, Any] = dict(error.schema)["properties"]  # type: ignore[arg-type]
        for name in sorted(set(found) - set(known)):
            yield (*path, name), f"unknown field; remove it or use one of: {', '.join(known)}"
    elif rule == "required":
        name = next(n for n in expected if n not in found and f"'{n}'" in error.message)
        yield (*path, name), "is missing; add it"
    elif rule == "type":
        yield path, f"must be {_KINDS[str(expected)]}, not {_short(found)}"
    elif rule in ("const", "enum"):
        allowed = [expected] if rule == "const" else expected
        yield path, f"must be {' or '.join(str(word) for word in allowed)}, not {_short(found)}"
    elif rule == "pattern" and "propertyNames" in error.absolute_schema_path:
        yield (*path, str(found)), f"{_short(found)} is not a valid name here; {_wanted(expected)}"
    elif rule == "pattern":
        yield path, f"{_short(found)} is not valid; {_wanted(expected)}"
    else:
        yield path, f"{_limit(rule, expected)}, not {_short(found)}"


def _wanted(pattern: str) -> str:
    known = {
        "^[a-z][a-z0-9_]*$": "use small letters, digits and underscores, a letter first",
        "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "use small letters and digits joined by single hyphens",
        "^[0-9]{1,3}$": "use the number of a band's level",
        r"\S": "write some text",
        r"^\S(.*\S)?\s?$": "write one line of text without spaces at its ends",
        "^[a-z]{2,3}(-[A-Z]{2})?$": "use a language tag such as en-US",
        r'^https://[^\s"<>]+$': "use an address that starts with https://",
    }
    return known.get(pattern, 'use three numbers in quotes such as "1.0.0"')


def _limit(rule: str, expected: object) -> str:
    words = {
        "minimum": f"must be at least {expected}",
        "maximum": f"must be at most {expected}",
        "exclusiveMinimum": f"must be more than {expected}",
        "minItems": f"needs at least {expected} entries",
        "maxItems": f"may have at most {expected} entries",
        "minProperties": f"needs at least {expected} entries",
        "maxProperties": f"may have at most {expected} entries",
        "maxLength": f"may have at most {expected} characters",
    }
    return words.get(rule, f"breaks the rule {rule}: {expected}")


def _short(value: object) -> str:
    if isinstance(value, (dict, list)):
        return f"{len(value)} entries" if value else "nothing"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
