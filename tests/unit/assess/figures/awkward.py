"""Numbers for every figure, the usual and the awkward: what tests draw."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

from assess.figures import change_from_baseline, spaghetti
from assess.figures.axes import Scale
from assess.figures.timeline import Break, Timeline
from assess.figures.words import Interval

SCALE = Scale("Overall score", 1, 4)
TWELVE = Scale("Score of Policies, patient agreements and workflows", 1, 12)
ODD = "$\\bad{ <b>& «Ünïcode» 診療所"
Line = tuple[float | None, ...]


def quarters(count: int, year: int = 2025, first: int = 1) -> tuple[str, ...]:
    places = range(first - 1, first - 1 + count)
    return tuple(f"Q{place % 4 + 1} {year + place // 4}" for place in places)


SIX = Timeline(quarters(6))
TWENTY = Timeline(quarters(20, 2021, 3), (Break(11, "Version 2.0 of the questionnaire"),))
WAVES = Timeline(("Baseline", "+1 quarter", "+2 quarters", "+3 quarters"))


def lines(clinics: int, count: int, missing: float = 0.0, scale: Scale = SCALE) -> tuple[Line, ...]:
    """Scores of clinics that rise a little, the same in every process."""
    chance = random.Random(7)  # noqa: S311
    found: list[Line] = []
    for _ in range(clinics):
        start = chance.uniform(scale.minimum + 0.2, scale.minimum + 0.5 * scale.length)
        line: list[float | None] = []
        for place in range(count):
            value = start + place * 0.03 * scale.length + chance.gauss(0, 0.06 * scale.length)
            value = round(min(scale.maximum, max(scale.minimum, value)), 2)
            line.append(None if chance.random() < missing else value)
        found.append(tuple(line))
    return tuple(found)


def means(found: tuple[Line, ...], half: float | None = 0.1) -> tuple[Interval | None, ...]:
    full = [[value for value in line if value is not None] for line in found if None not in line]
    if not full:
        return (None,) * len(found[0])
    middle = [sum(column) / len(full) for column in zip(*full, strict=True)]
    if half is None:
        return tuple(Interval(value) for value in middle)
    return tuple(Interval(value, value - half, value + half) for value in middle)


def changes(
    values: list[float | None], half: float | None, clinics: int
) -> tuple[change_from_baseline.Change | None, ...]:
    return tuple(
        None
        if value is None
        else change_from_baseline.Change(
            Interval(value) if half is None else Interval(value, value - half, value + half),
            clinics,
        )
        for value in values
    )


def change_figures() -> Iterator[tuple[str, change_from_baseline.ChangeFromBaseline]]:
    make = change_from_baseline.ChangeFromBaseline
    rising = changes([None, 0.1, 0.16, 0.24, 0.2, 0.31], 0.13, 20)
    note = "All scores: agreed by the team. 3 of 23 clinics lack a quarter."
    yield "usual", make("Change in the overall score since Q1 2025", SCALE, SIX, rising, 0, note)
    gaps = changes([None, -0.3, None, None, *(0.1 * step for step in range(16))], 0.8, 1200)
    yield "long", make("Change in the score of Policies and workflows", TWELVE, TWENTY, gaps)
    yield "alone", make(ODD, SCALE, Timeline(quarters(2)), changes([None, 0.0], None, 1))
    yield "falling", make("", SCALE, WAVES, changes([None, -0.4, -0.7, -0.6], 0.2, 9))
    yield "nothing", make("Change", SCALE, SIX, (None,) * 6)


def spaghetti_figures() -> Iterator[tuple[str, spaghetti.Spaghetti]]:
    def make(
        title: str, scale: Scale, timeline: Timeline, found: tuple[Line, ...], half: float | None
    ) -> spaghetti.Spaghetti:
        full = sum(None not in line for line in found)
        return spaghetti.Spaghetti(title, scale, timeline, found, means(found, half), full)

    yield "usual", make("Overall score by quarter", SCALE, SIX, lines(20, 6), 0.1)
    yield "many", make("Overall score by quarter", SCALE, TWENTY, lines(60, 20, 0.02), 0.1)
    yield "twelve", make(ODD, TWELVE, SIX, lines(8, 6, 0.1, TWELVE), 0.3)
    yield "one", make("", SCALE, Timeline(quarters(1)), ((2.0,),), None)
    yield "equal", make("Overall score", SCALE, WAVES, ((4.0,) * 4,) * 5, 0.0)
    yield "gaps", make("Overall score", SCALE, WAVES, ((1.0, None, 2.0, None),), None)


FIGURES = {
    change_from_baseline: change_figures,
    spaghetti: spaghetti_figures,
}
CASES = [
    (f"{module.__name__.rsplit('.', 1)[-1]}-{label}", module, data)
    for module, make in FIGURES.items()
    for label, data in make()
]


def hashes() -> list[str]:
    """What the usual figures look like, byte by byte; one of them also as PDF and PNG."""
    usual = [(module, data) for name, module, data in CASES if name.endswith("-usual")]
    drawn = [module.draw(data, kind="svg", width=90) for module, data in usual]
    module, data = usual[0]
    drawn += [module.draw(data, kind=kind, width=90, dpi=72) for kind in ("pdf", "png")]
    return [hashlib.sha256(content).hexdigest() for content in drawn]
