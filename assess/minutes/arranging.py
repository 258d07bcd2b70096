"""Puts what is stored of an assessment in the order in which minutes tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from assess.findings import MilestoneResult
from assess.job_roles import EVERYONE_ELSE, NOT_SAID
from assess.minutes.content import Raters, Said, Step
from assess.suppression import shown_groups

STEPS = {
    "opened": "Rating opened",
    "moved": "Moved to another quarter",
    "revealed": "Results revealed to the team",
    "hidden_again": "Results hidden again",
    "agreed": "Levels agreed",
    "closed": "Assessment closed",
    "reopened": "Assessment opened again",
}
"""How minutes call a step; others, such as a new due date, are no matter for minutes."""
TAKEN_OVER = "Scores taken over from earlier records"
"""The one step of an assessment that was never rated here."""
SOURCES = {"web": "on the web", "paper": "on paper", "import": "in a file"}


def steps_of(
    kept: Iterable[tuple[str, Step]], stamps: Mapping[str, datetime | None]
) -> tuple[Step, ...]:
    """The steps of an assessment, oldest first; `kept` with their kind and without words.

    `stamps` are the dates that every assessment has, by kind: they stand in for steps that were
    taken before steps were kept.
    """
    known = [
        (kind, Step(STEPS[kind], one.at, one.by, one.reason)) for kind, one in kept if kind in STEPS
    ]
    kinds = {kind for kind, _ in known}
    known += [
        (kind, Step(STEPS[kind], at)) for kind, at in stamps.items() if at and kind not in kinds
    ]
    order = list(STEPS)
    # what happened in one moment stands in the order in which it is usually done
    known.sort(key=lambda one: (one[1].at, order.index(one[0])))
    return tuple(step for _, step in known)


def raters_of(counts: Mapping[tuple[str, str], int]) -> Raters:
    """Finished ratings, counted by source and job role ("" for not said)."""
    sources: dict[str, int] = {}
    roles: dict[str, int] = {}
    for (source, role), count in counts.items():
        sources[source] = sources.get(source, 0) + count
        roles[role] = roles.get(role, 0) + count
    shown = shown_groups(roles, never=[NOT_SAID])
    named = [(name, roles[name]) for name in shown.groups]
    if named and shown.rest:
        named.append((EVERYONE_ELSE, shown.rest))
    return Raters(
        total=sum(roles.values()),
        sources=tuple((words, sources[key]) for key, words in SOURCES.items() if key in sources),
        roles=tuple(named),
    )


def earlier_levels(changes: Sequence[Said], now: Said | None) -> tuple[Said, ...]:
    """The levels a team changed its mind about, oldest first, without the one that counts.

    Of several changes of the reasons alone only the last one is told.
    """
    turns = [list(group)[-1] for _, group in groupby(changes, key=lambda one: one.value)]
    if turns and now and turns[-1].value == now.value:
        turns.pop()
    return tuple(turns)


def ratings_words(result: MilestoneResult) -> str:
    """The ratings behind a level: "8 ratings from 1 to 3, mean 1.9; 2 did not know"."""
    parts = []
    if result.mean is not None:
        parts.append(_levels_words(result, result.mean))
    if result.dont_know:
        parts.append(f"{result.dont_know} did not know")
    if result.not_applicable:
        parts.append(f"{result.not_applicable} said it does not apply")
    return "; ".join(parts) or "Nobody rated it"


def _levels_words(result: MilestoneResult, mean: float) -> str:
    if result.rated == 1:
        return f"1 rating at {result.lowest}"
    if result.lowest == result.highest:
        return f"{result.rated} ratings, all at {result.lowest}"
    return f"{result.rated} ratings from {result.lowest} to {result.highest}, mean {mean:.1f}"
