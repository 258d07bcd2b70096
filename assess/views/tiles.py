"""Remembers the tiles of each milestone, the longest part of a rating page, for whoever is next.

They say what the questionnaire says and which tile is chosen, nothing else about anybody. All
choices of a milestone are made at once, so that no page is quicker because of what others chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup

from assess.answers import AnswerState
from questionnaires.instrument import Milestone

Choice = tuple[int | None, str | None]
_Key = tuple[Milestone, str, str]

WORDS = (AnswerState.DONT_KNOW.value, AnswerState.NOT_APPLICABLE.value)
# by the text itself: a stored questionnaire never changes, another version is another milestone
_ready: WeakKeyDictionary[Environment, dict[_Key, Mapping[Choice, Markup]]] = WeakKeyDictionary()


def ready_tiles(
    milestone: Milestone, id: str, name: str, value: int | None, state: str | None
) -> Markup:
    """What the macro level_tiles gives for these arguments."""
    known = _ready.setdefault(current_app.jinja_env, {})
    tiles = known.get((milestone, id, name))
    if tiles is None:
        tiles = known[milestone, id, name] = _all_tiles(milestone, id, name)
    return tiles.get((value, state if state in WORDS else None)) or tiles[None, None]


def _all_tiles(milestone: Milestone, id: str, name: str) -> Mapping[Choice, Markup]:
    macros = current_app.jinja_env.get_template("components/level_tiles.html").module
    choices: list[Choice] = [(None, None)]
    choices += [(None, word) for word in WORDS]
    choices += [(number, None) for number in milestone.scale.values()]
    return MappingProxyType(
        {
            (value, state): Markup(macros.level_tiles(milestone, id, name, value, state))  # type: ignore[attr-defined]  # noqa: S704 # nosec B704 # what its template gave
            for value, state in choices
        }
    )
