"""The address is the analysis: every selection survives being written as a query and read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from assess.quarters import Quarter
from research.selection import (
    ATTRIBUTES,
    Clock,
    Grain,
    Method,
    Selection,
    Source,
    parse_query,
    read_selection,
    to_query,
)

texts = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)
some_texts = st.frozensets(texts, max_size=3)
quarters = st.builds(Quarter, st.integers(2000, 2100), st.integers(1, 4))


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    clock = draw(st.sampled_from(Clock))
    ends = st.none() | (quarters if clock is Clock.QUARTER else st.integers(0, 400))
    common = {
        "questionnaire": draw(st.none() | texts),
        "clock": clock,
        "first": draw(ends),
        "last": draw(ends),
        "simple": draw(st.booleans()),
        "demo": draw(st.booleans()),
    }
    if draw(st.booleans()):
        return Selection(**common, is_published=True)
    return Selection(
        **common,
        score=draw(st.just("overall") | texts),
        grain=draw(st.sampled_from(Grain)),
        source=draw(st.sampled_from(Source)),
        method=draw(st.sampled_from(Method)),
        organizations=draw(st.frozensets(st.integers(0, 9_999_999_999), max_size=3)),
        states=draw(some_texts),
        settings=draw(some_texts),
        ehrs=draw(some_texts),
        group=draw(st.none() | st.sampled_from(ATTRIBUTES)),
    )


@given(selections(), st.booleans())
def test_a_selection_survives_its_query(selection: Selection, usual: bool) -> None:
    assert parse_query(to_query(selection), simple=usual) == selection


def test_old_addresses_mean_what_they_meant() -> None:
    found = parse_query("?questionnaire=six&score=tracking&from=2025Q1&to=Q2+2026&organization=3")
    assert found == Selection(
        questionnaire="six",
        score="tracking",
        first=Quarter(2025, 1),
        last=Quarter(2026, 2),
        organizations=frozenset({3}),
    )


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=banana", "“banana” is not a quarter. Write it like 2026Q4."),
        ("clock=moon", "“moon” is no time. Choose “quarter” or “wave”."),
        ("method=magic", "“magic” is no method. Choose “complete” or “mixed”."),
        ("group=color", "Clinics cannot be grouped by “color”. They are not grouped."),
        ("&".join(["x"] * 1001), "The analysis has more than 1,000 fields. Choose fewer values."),
    ],
)
def test_what_cannot_be_understood_is_named_and_left_out(query: str, problem: str) -> None:
    found = parse_query(query)
    assert found.problems == (problem,)
    assert found.is_usual


@pytest.mark.parametrize(
    "query", ["", "from=&to=&score=", "organization=x&organization=²", "clock=wave&from=2025Q1",
              "from=3", "state=" + "x" * 500, "view=banana"],
)  # fmt: skip
def test_empty_fields_and_ends_of_the_other_clock_give_way_without_a_word(query: str) -> None:
    found = parse_query(query)
    assert found.problems == ()
    assert (found.first, found.last) == (None, None)
    assert {found.organizations, found.states, found.settings, found.ehrs} == {frozenset()}


def test_who_does_not_say_gets_the_view_that_suits_them() -> None:
    assert read_selection(MultiDict(), simple=True).simple
    assert not read_selection(MultiDict({"view": "full"}), simple=True).simple
    assert read_selection(MultiDict({"view": "simple"})).simple


def test_the_published_way_leaves_no_other_choice() -> None:
    found = parse_query("as=published&score=tracking&organization=3&method=mixed&from=2025Q1")
    assert found == Selection(is_published=True, first=Quarter(2025, 1))
