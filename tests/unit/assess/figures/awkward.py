"""Numbers for every figure, the usual and the awkward: what tests draw."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

from assess.figures import (
    change_from_baseline,
    heat_map,
    level_distribution,
    place_in_program,
    quantile_fan,
    run_chart,
    slope_chart,
    small_multiples,
    spaghetti,
)  # fmt: skip
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


BLOCKS = (
    "Leadership and consensus", "Policies, patient agreements and workflows",
    "Tracking and monitoring patient care", "Planned, patient-centered visits",
    "Caring for patients with complex needs", "Measuring success",
)  # fmt: skip
NAME = "Riverside Community Family Medicine Center of Greater Springfield"


def small_multiples_figures() -> Iterator[tuple[str, small_multiples.SmallMultiples]]:
    def panel(title: str, clinics: int, count: int, top: float = 4) -> small_multiples.Panel:
        scale = Scale(title, 1, top)
        return small_multiples.Panel(scale, means(lines(clinics, count, 0, scale)), clinics)

    make = small_multiples.SmallMultiples
    yield "usual", make("Blocks by quarter", SIX, tuple(panel(one, 20, 6) for one in BLOCKS))
    yield "long", make(ODD, TWENTY, tuple(panel(one, 60, 20, 12) for one in BLOCKS))
    yield "one", make("", Timeline(quarters(1)), (panel(ODD, 1, 1),))
    empty = small_multiples.Panel(SCALE, (None,) * 4, 0)
    yield "empty", make("Blocks", WAVES, (empty, panel(BLOCKS[0], 3, 4), empty))


def quantile_fan_figures() -> Iterator[tuple[str, quantile_fan.QuantileFan]]:
    found = lines(100, 20, 0.05)
    spread = [
        quantile_fan.quantiles_of([value for value in column if value is not None])
        for column in zip(*found, strict=True)
    ]
    make = quantile_fan.QuantileFan
    yield "usual", make("Overall score by quarter", SCALE, SIX, tuple(spread[:6]))
    gaps = [None if place in (4, 6) else one for place, one in enumerate(spread)]
    yield "gaps", make(ODD, TWELVE, TWENTY, tuple(gaps))
    yield "equal", make("", SCALE, WAVES, (quantile_fan.quantiles_of([4.0] * 61),) * 4)
    yield "nothing", make("Overall score", SCALE, WAVES, (None,) * 4)


def level_figures() -> Iterator[tuple[str, level_distribution.LevelDistribution]]:
    make = level_distribution.LevelDistribution
    levels = ("1 Not started", "2 Begun", "3 Partly in place", "4 Consistently in place")
    counts = tuple((100 - 3 * step, 60, 30 + step, 10 + 2 * step) for step in range(20))
    yield "usual", make("Levels of all milestones", SIX, levels, counts[:6])
    yield "long", make(ODD, TWENTY, levels, (*counts[:10], (0, 0, 0, 0), *counts[11:]))
    yield "top", make("", Timeline(quarters(2)), levels, ((0, 0, 0, 40), (0, 1, 1, 300)))
    yield "nothing", make("Levels", WAVES, ("No", ODD), ((0, 0),) * 4)


def slope_figures() -> Iterator[tuple[str, slope_chart.SlopeChart]]:
    def slopes(clinics: int, name: str) -> tuple[slope_chart.Slope, ...]:
        return tuple(
            slope_chart.Slope(f"{name} {place}", line[0] or 1, line[1] or 1)
            for place, line in enumerate(lines(clinics, 2), 1)
        )

    make = slope_chart.SlopeChart
    yield "usual", make("First and last quarter", SCALE, "Q1 2025", "Q2 2026", slopes(20, "C"))
    yield "names", make(ODD, SCALE, "Q1 2025", "Q2 2026", slopes(12, NAME))
    yield "many", make("", TWELVE, "Baseline", "+5 quarters", slopes(200, "C"))
    same = tuple(slope_chart.Slope(f"C{place}", 4.0, 4.0) for place in range(15))
    yield "equal", make("Overall score", SCALE, "Q1 2025", "Q2 2026", same)
    yield "nothing", make("Overall score", SCALE, "Q1 2025", "Q2 2026", ())


def heat_map_figures() -> Iterator[tuple[str, heat_map.HeatMap]]:
    def rows(clinics: int, name: str, missing: float) -> tuple[heat_map.HeatRow, ...]:
        found = lines(clinics, len(columns), missing)
        return tuple(heat_map.HeatRow(f"{name} {at}", line) for at, line in enumerate(found, 1))

    make, columns = heat_map.HeatMap, ("Overall", *BLOCKS)
    yield "usual", make("Scores in Q2 2026", SCALE, columns, rows(20, "C", 0.03), "Q2 2026", 1)
    yield "names", make(ODD, TWELVE, columns, rows(60, NAME, 0), "Q2 2026")
    equal = (heat_map.HeatRow("Only", (4.0,)),)
    yield "one", make("", SCALE, BLOCKS[:1], equal, "Q2 2026")
    yield "nothing", make("", SCALE, BLOCKS[:1], (heat_map.HeatRow(ODD, (None,)),), "Q2 2026")


def run_chart_figures() -> Iterator[tuple[str, run_chart.RunChart]]:
    make, line = run_chart.RunChart, lines(1, 20)[0]
    signal = run_chart.Signal("Six quarters in a row above the median.", tuple(range(14, 20)))
    actions = tuple(run_chart.Action(f"{NAME} {place}", place * 2) for place in range(9))
    few = (run_chart.Action("Name a lead", 4), run_chart.Action("Check the PDMP", 1))
    yield "usual", make("Overall score", SCALE, SIX, line[:6], 1.9, None, (), few, "6 points.")
    gaps = tuple(None if place in (6, 7) else value for place, value in enumerate(line))
    yield "long", make(ODD, SCALE, TWENTY, gaps, 2.2, (0.4, 2.8), (signal,), actions, "", ODD)
    yield "one", make("", TWELVE, Timeline(quarters(1)), (12.0,))
    yield "equal", make("Overall score", SCALE, WAVES, (4.0,) * 4, 4.0, (4.0, 4.0))
    yield "nothing", make("Overall score", SCALE, WAVES, (None,) * 4)


def place_figures() -> Iterator[tuple[str, place_in_program.PlaceInProgram]]:
    make, line = place_in_program.PlaceInProgram, lines(1, 20)[0]
    spreads = tuple(place_in_program.Spread(1.6, 1.9, 2.3, 24 + place) for place in range(20))
    yield "usual", make("This clinic in the program", SCALE, SIX, line[:6], spreads[:6])
    gaps = (None, *spreads[1:5], None, spreads[6], None, *spreads[8:])
    yield "gaps", make(ODD, TWELVE, TWENTY, line, gaps, NAME)
    yield "equal", make("", SCALE, WAVES, (4.0,) * 4, (place_in_program.Spread(4, 4, 4, 5),) * 4)
    yield "nothing", make("Overall score", SCALE, WAVES, (2.0,) * 4, (None,) * 4)


FIGURES = {
    change_from_baseline: change_figures,
    spaghetti: spaghetti_figures,
    small_multiples: small_multiples_figures,
    quantile_fan: quantile_fan_figures,
    level_distribution: level_figures,
    slope_chart: slope_figures,
    heat_map: heat_map_figures,
    run_chart: run_chart_figures,
    place_in_program: place_figures,
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
