"""Does the time of a page tell, before the reveal, what others answered?

    python -m benchmarks.reveal_timing [--times 300]

Four clinics have one lead and eight raters each, and differ in the others' answers only: all 1, all
1 once more, all 4, and all 4 of which half is given and nobody has finished. The lead opens the
same pages of each in turns, in an order drawn anew each time. All four stand in one database behind
one server: two servers differ from each other by more than any answer could.

Told are the medians and what a rank test (Mann-Whitney) makes of the difference: for the time on
the clock, which an onlooker sees, and for the CPU time inside the application, which a busy machine
disturbs less. The first pair, which differs in nothing, shows how far chance alone goes. Two of the
pages tell the lead how many have finished, so there the last pair may differ.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from scipy.stats import mannwhitneyu
from sqlalchemy import func, select

from accounts import service as people
from accounts.models import Clinic, Organization, Person, Role
from app import create_app
from benchmarks.scratch import SECRET, cookies_of, settings_on
from benchmarks.served import Browser, serving
from core import tenancy
from core.db import db
from questionnaires import catalog
from tests import seeding

RATERS = 8
INSTRUMENT = catalog.get("six_building_blocks")
PAGES = {
    "progress": "progress",
    "polled resource": "meeting/state",
    "rating page": f"rate/{INSTRUMENT.blocks[0].id}",
    "results (hidden)": "results",
}
ONES, ONES_AGAIN, FOURS, HALVES = "all 1", "all 1 again", "all 4", "half of all 4"
PAIRS = ((ONES, ONES_AGAIN), (ONES, FOURS), (FOURS, HALVES))
TELL_HOW_MANY = {"progress", "results (hidden)"}
OPENED_BEFORE = 10


@dataclass(slots=True)
class Times:
    """Of one page of one clinic: seconds on the clock and CPU seconds of the application."""

    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One page of two clinics: medians in milliseconds, how far apart, and how likely by chance."""

    page: str
    pair: tuple[str, str]
    clock_ms: float
    clock_difference_ms: float
    clock_p: float
    cpu_ms: float
    cpu_difference_ms: float
    cpu_p: float

    @property
    def may_differ(self) -> bool:
        """Whether the page is there to tell what the pair differs in."""
        return self.page in TELL_HOW_MANY and HALVES in self.pair


def measure(times: int = 300, *, seed: int = 2026) -> list[Comparison]:
    """Open each page so often in each clinic, and compare."""
    with tempfile.TemporaryDirectory() as name, _clinics_in(Path(name)) as place:
        settings, assessments, cookies = place
        with serving("blockwise", settings=settings) as port:
            taken = _take(Browser(port, cookies), assessments, times, random.Random(seed))  # noqa: S311
    return [
        compare(page, pair, taken[page, pair[0]], taken[page, pair[1]])
        for page in PAGES
        for pair in PAIRS
    ]


def _take(
    browser: Browser, assessments: dict[str, int], times: int, draw: random.Random
) -> dict[tuple[str, str], Times]:
    taken = {(page, clinic): Times() for page in PAGES for clinic in assessments}
    statuses: dict[str, set[int]] = {page: set() for page in PAGES}
    for turn in range(times + OPENED_BEFORE):
        for page, clinic in draw.sample(list(taken), len(taken)):
            path = f"/assessments/{assessments[clinic]}/{PAGES[page]}"
            before, start = browser.cpu(), time.perf_counter()
            statuses[page].add(browser.send("GET", path)[0])
            took, used = time.perf_counter() - start, (browser.cpu() - before).application
            if turn >= OPENED_BEFORE:  # the first ones load what all others find
                taken[page, clinic].clock.append(took)
                taken[page, clinic].cpu.append(used)
    mixed = {page: found for page, found in statuses.items() if len(found) > 1}
    if mixed or max(map(max, statuses.values())) >= 500:
        raise RuntimeError(f"the pages answered {statuses}")
    return taken


def compare(page: str, pair: tuple[str, str], one: Times, other: Times) -> Comparison:
    """How far the times of one page are apart in two clinics."""
    clock = _difference(one.clock, other.clock)
    return Comparison(page, pair, *clock, *_difference(one.cpu, other.cpu))


def _difference(one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    """The median in milliseconds, by how much the other's is longer, and the p of no difference."""
    first, second = median(one), median(other)
    p = float(mannwhitneyu(one, other, alternative="two-sided").pvalue)
    return 1000 * first, 1000 * (second - first), p


@contextmanager
def _clinics_in(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, int], dict[str, str]]]:
    """The settings of a server, the assessment of each clinic, and the cookies of their lead."""
    url = f"sqlite:///{folder / 'blockwise.db'}"
    app = create_app(settings_on(url))
    with app.app_context(), tenancy.whole_program():
        db.create_all()
        organization = people.create_organization(name="Timing")
        lead = people.create_person(email="lead@example.org", name="Lead").id
        every = (ONES, ONES_AGAIN, FOURS, HALVES)
        assessments = {answers: _clinic(organization, answers, lead) for answers in every}
        cookies = cookies_of(app, lead)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    yield {"DATABASE_URL": url, "SECRET_KEY": SECRET}, assessments, cookies


def _clinic(organization: Organization, answers: str, lead: int) -> int:
    """A clinic whose other raters gave these answers; its assessment."""
    number = 1 + (db.session.scalar(select(func.count(Clinic.id))) or 0)
    clinic = people.create_clinic(
        organization=organization, name=f"Clinic {number}", study_code=f"T{number}"
    )
    people.grant_role(person=db.session.get_one(Person, lead), role=Role.LEAD, clinic=clinic)
    assessment = seeding.open_assessment(clinic.id)
    raters = seeding.add_members(clinic.id, RATERS)
    seeding.start_rating(assessment, lead)
    for rater in raters:
        if answers == HALVES:
            half = INSTRUMENT.milestones[: len(INSTRUMENT.milestones) // 2]
            rating = seeding.start_rating(assessment, rater)
            seeding.rate(rating, {one.key: 4 for one in half})
        else:
            seeding.rate_all(assessment, rater, 4 if answers == FOURS else 1)
    return assessment


def report(found: Sequence[Comparison]) -> str:
    """The figures, one line for each page and pair."""
    head = f"{'page':<17} {'answers':<20} {'ms':>7} {'differ':>7} {'p':>6} {'CPU ms':>7} "
    lines = [f"{head}{'differ':>7} {'p':>6}"]
    for one in found:
        pair = f"{one.pair[0]} / {one.pair[1]}"
        lines.append(
            f"{one.page:<17} {pair:<20} {one.clock_ms:7.2f} {one.clock_difference_ms:+7.3f} "
            f"{one.clock_p:6.3f} {one.cpu_ms:7.2f} {one.cpu_difference_ms:+7.3f} {one.cpu_p:6.3f}"
            f"{'  (tells how many finished)' if one.may_differ else ''}"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table; nothing is asserted, because chance alone can differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=300)
    print(report(measure(parser.parse_args().times)))


if __name__ == "__main__":
    main()
