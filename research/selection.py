"""What a researcher asks for: which clinics, questionnaire, scores, quarters, basis and method.

The address of the page is the analysis: a selection is read from a query and written back as one,
so that the page, its figures, the data bundle, the API and the terminal all name the same thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from assess.program import OVERALL
from assess.quarters import Quarter

ATTRIBUTES = ("organization", "setting", "state", "ehr")
"""What clinics can be chosen and compared by."""

_LONGEST = 120
_MOST_FIELDS = 1000
_LATEST_WAVE = 400
_WORDS = {"clock": "time", "source": "basis", "method": "method", "grain": "scores followed"}

Choice = TypeVar("Choice", bound=StrEnum)
Arguments = MultiDict[str, str]


class Clock(StrEnum):
    """How time is counted: by the calendar, or in quarters since each clinic's baseline."""

    QUARTER = "quarter"
    WAVE = "wave"


class Source(StrEnum):
    """Which scores count: agreed levels where there are any, only those, or only ratings."""

    BEST = "best"
    AGREED = "agreed"
    RATINGS = "ratings"


class Method(StrEnum):
    """Complete clinics by repeated-measures ANOVA, or all assessments by a mixed model."""

    COMPLETE = "complete"
    MIXED = "mixed"


class Grain(StrEnum):
    """What is followed beside the headline score: the blocks, or the milestones of one block.

    Milestones beside the overall score are all of them.
    """

    BLOCKS = "blocks"
    MILESTONES = "milestones"


@dataclass(frozen=True, slots=True)
class Selection:
    """One analysis. None or empty means that the page chooses; see Study for what it chose.

    `score` is "overall", a block or a milestone key. `first` and `last` are quarters, or waves as
    whole numbers (0 is the baseline). `organizations` are ids; `states`, `settings` and `ehrs` are
    attribute values as clinics have them, any of which fits. `group` names an attribute
    ("organization", "setting", "state", "ehr") by which groups of clinics are compared over time.
    `simple` hides what only statisticians need. `is_published` puts the published way of testing
    first: overall score, all clinics, one-way ANOVA. `problems` say what in the query could not be
    understood.
    """

    questionnaire: str | None = None
    score: str = OVERALL
    grain: Grain = Grain.BLOCKS
    clock: Clock = Clock.QUARTER
    first: Quarter | int | None = None
    last: Quarter | int | None = None
    source: Source = Source.BEST
    method: Method = Method.COMPLETE
    organizations: frozenset[int] = frozenset()
    states: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()
    ehrs: frozenset[str] = frozenset()
    group: str | None = None
    simple: bool = False
    demo: bool = False
    is_published: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_usual(self) -> bool:
        """Whether nobody chose clinics, scores, quarters, basis or method."""
        usual = Selection(questionnaire=self.questionnaire, simple=self.simple, demo=self.demo)
        return replace(self, problems=()) == usual


def read_selection(args: Arguments, *, simple: bool = False) -> Selection:
    """The selection that a query asks for; what cannot be understood is named in `problems`.

    `simple` is for queries that do not say. An end of the other clock gives way without a word,
    because it stays in a form in which somebody changes the clock.
    """
    problems: list[str] = []
    view = args.get("view")
    clock = _choice(args, "clock", Clock.QUARTER, problems)
    asked = Selection(
        questionnaire=_text(args.get("questionnaire")),
        clock=clock,
        first=_end(args.get("from"), clock, problems),
        last=_end(args.get("to"), clock, problems),
        simple=view == "simple" if view in ("simple", "full") else simple,
        demo=args.get("demo") == "1",
    )
    if args.get("as") == "published":
        return replace(asked, is_published=True, problems=tuple(problems))
    return replace(
        asked,
        score=_text(args.get("score")) or OVERALL,
        grain=_choice(args, "grain", Grain.BLOCKS, problems),
        source=_choice(args, "source", Source.BEST, problems),
        method=_choice(args, "method", Method.COMPLETE, problems),
        organizations=frozenset(_ids(args, "organization")),
        states=frozenset(_texts(args, "state")),
        settings=frozenset(_texts(args, "setting")),
        ehrs=frozenset(_texts(args, "ehr")),
        group=_group(args.get("group"), problems),
        problems=tuple(problems),
    )


def parse_query(query: str, *, simple: bool = False) -> Selection:
    """The selection of a query as text, with or without its question mark."""
    try:
        pairs = parse_qsl(query.removeprefix("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        words = f"The analysis has more than {_MOST_FIELDS:,} fields. Choose fewer values."
        return Selection(simple=simple, problems=(words,))
    return read_selection(MultiDict(pairs), simple=simple)


def to_query(selection: Selection) -> str:
    """The query that `read_selection` understands as this selection, without its problems."""
    return urlencode(list(to_pairs(selection)))


def to_pairs(selection: Selection) -> Iterator[tuple[str, str]]:
    """Names and values of that query, in a fixed order; what is usual is left out."""
    usual = Selection()
    if selection.is_published:
        yield "as", "published"
    if selection.questionnaire:
        yield "questionnaire", selection.questionnaire
    for name in ("score", "grain", "clock", "source", "method", "group"):
        if (value := getattr(selection, name)) != getattr(usual, name):
            yield name, str(value)
    for name, end in (("from", selection.first), ("to", selection.last)):
        if end is not None:
            yield name, str(end)
    yield from (("organization", str(key)) for key in sorted(selection.organizations))
    for name in ("state", "setting", "ehr"):
        yield from ((name, value) for value in sorted(getattr(selection, f"{name}s")))
    if selection.demo:
        yield "demo", "1"
    # always said, because what is usual depends on who opens the link
    yield "view", "simple" if selection.simple else "full"


def _choice(args: Arguments, name: str, usual: Choice, problems: list[str]) -> Choice:
    text = args.get(name)
    if not text:
        return usual
    try:
        return type(usual)(text)
    except ValueError:
        known = " or ".join(f"“{one}”" for one in type(usual))
        problems.append(f"“{text[:40]}” is no {_WORDS[name]}. Choose {known}.")
        return usual


def _group(text: str | None, problems: list[str]) -> str | None:
    if not text or text in ATTRIBUTES:
        return text or None
    problems.append(f"Clinics cannot be grouped by “{text[:40]}”. They are not grouped.")
    return None


def _end(text: str | None, clock: Clock, problems: list[str]) -> Quarter | int | None:
    text = (text or "").strip()
    if not text:
        return None
    is_wave = text.isascii() and text.isdecimal() and int(text[:9]) <= _LATEST_WAVE
    if is_wave:
        return int(text) if clock is Clock.WAVE else None
    try:
        quarter = Quarter.parse(text)
    except ValueError as error:
        problems.append(str(error))
        return None
    return quarter if clock is Clock.QUARTER else None


def _text(text: str | None) -> str | None:
    """Without spaces around it; None when nothing is left or it is too long to mean anything."""
    text = (text or "").strip()
    return text if text and len(text) <= _LONGEST else None


def _texts(args: Arguments, name: str) -> Iterator[str]:
    return (text for value in args.getlist(name) if (text := _text(value)))


def _ids(args: Arguments, name: str) -> Iterator[int]:
    for key in args.getlist(name):
        if key.isascii() and key.isdecimal() and len(key) <= 10:
            yield int(key)
