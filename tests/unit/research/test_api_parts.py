"""Pages of rows, and descriptions made from dataclasses."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from research.api.addresses import ENDPOINTS
from research.api.description import describe
from research.api.paging import BadCursor, decode, encode, page_of
from research.api.schema import schemas_of
from research.selection import Selection, to_pairs

words = st.text(max_size=80)


@settings(deadline=None)
@given(st.sets(st.tuples(words, words)), st.integers(1, 5))
@example(
    {("\N{LINEAR B SYLLABLE B008 A}" * 40, "\N{LINEAR B SYLLABLE B008 A}" * 80), ("a", "b")}, 1
)
def test_pages_bring_every_row_once_and_in_order(rows: set[tuple[str, str]], limit: int) -> None:
    ordered = sorted(rows)
    seen: list[tuple[str, str]] = []
    after: Any = None
    while True:
        page = page_of(ordered, lambda row: row, after=after, limit=limit)
        seen += page.rows
        if page.next is None:
            break
        assert len(page.rows) == limit
        after = decode(page.next, (str, str))
    assert seen == ordered


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "!!!!", encode(["a"]), encode(["a", 1]), encode(["a", "b", "c"]),
     base64.urlsafe_b64encode(b'{"a":1}').decode(), encode(["a" * 2000, "b"]), "WyJh"],
)  # fmt: skip
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode(cursor, (str, str))


@dataclass(frozen=True)
class Inner:
    """Inside."""

    level: float | None


@dataclass(frozen=True)
class Outer:
    """Outside."""

    name: Annotated[str, "What it is called."]
    inner: tuple[Inner, ...]
    other: Inner | None


def test_a_description_holds_every_field_and_what_it_holds() -> None:
    assert schemas_of(Outer) == {
        "Inner": {
            "type": "object", "additionalProperties": False, "description": "Inside.",
            "required": ["level"], "properties": {"level": {"type": ["number", "null"]}},
        },
        "Outer": {
            "type": "object", "additionalProperties": False, "description": "Outside.",
            "required": ["name", "inner", "other"],
            "properties": {
                "name": {"type": "string", "description": "What it is called."},
                "inner": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
                "other": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
            },
        },
    }  # fmt: skip


def test_what_cannot_be_described_is_a_mistake() -> None:
    @dataclass(frozen=True)
    class Odd:
        """Odd."""

        parts: set[str]

    with pytest.raises(TypeError):
        schemas_of(Odd)


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    found = describe(ENDPOINTS, version="1", server="https://blockwise.example.org")
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for part in _references(found):
        place: Any = found
        for step in part.removeprefix("#/").split("/"):
            place = place[step]
    assert {path.strip("/") for path in found["paths"]} == {
        one["get"]["operationId"] for one in found["paths"].values()
    }


def test_every_field_of_a_selection_can_be_asked_for() -> None:
    every = Selection(
        questionnaire="q", score="s", grain="milestones", clock="wave", first=0, last=1,  # type: ignore[arg-type]
        source="agreed", method="mixed", organizations=frozenset({1}), states=frozenset({"WA"}),  # type: ignore[arg-type]
        settings=frozenset({"a"}), ehrs=frozenset({"b"}), group="ehr", demo=True,
    )  # fmt: skip
    asked = {name for name, _ in to_pairs(every)} | {"as"}
    (known,) = {tuple(p.name for p in one.parameters) for one in ENDPOINTS if one.may_miss}
    assert set(known) == asked


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [ref for one in value.values() for ref in _references(one)]
    return [ref for one in value for ref in _references(one)] if isinstance(value, list) else []
