"""Addresses of the same analysis in other views, so that a template only has to place them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from research.selection import Selection, to_query


@dataclass(frozen=True, slots=True)
class Links:
    """Queries: this very analysis, its other views, everything as usual, and as published."""

    here: str
    simple: str
    full: str
    usual: str
    published: str
    with_demo: str
    without_demo: str


def links_of(selection: Selection) -> Links:
    """The queries that stand on the page of a selection."""
    usual = Selection(
        questionnaire=selection.questionnaire, simple=selection.simple, demo=selection.demo
    )
    return Links(
        here=to_query(selection),
        simple=to_query(replace(selection, simple=True)),
        full=to_query(replace(selection, simple=False)),
        usual=to_query(usual),
        published=to_query(replace(usual, is_published=True)),
        with_demo=to_query(replace(usual, demo=True)),
        without_demo=to_query(replace(usual, demo=False)),
    )
