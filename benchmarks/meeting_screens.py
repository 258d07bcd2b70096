"""How soon do the screens of a meeting show what happens, and what does their asking cost?

    python -m benchmarks.meeting_screens [--screens 12] [--moves 20]

A team of twelve sits in a meeting; each has a screen that asks as static/js/meeting/live.js does:
each second the small resource with its version, and the page when that has changed. A facilitator
goes from milestone to milestone. Told is how long each screen took from there to the new page,
which should be within two seconds, and the CPU time of the server for one question.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app import create_app
from assess.meeting import state
from assess.models import Rating
from benchmarks.scratch import SECRET, cookies_of, settings_on
from benchmarks.served import Browser, serving
from core import tenancy
from core.db import db
from questionnaires import catalog
from tests.cast import create_cast
from tests.meeting_team import rate_as_team

EACH = 1.0
"""Seconds between two questions of a screen, as in live.js."""
QUIET = 10.0
"""Seconds in which nothing happens, to count what asking costs."""
PROMISED = 2.0
"""Seconds in which a screen shows what happened."""
VERSION = re.compile(r'data-version="(\d+)"')
MILESTONES = catalog.get("six_building_blocks").milestones


@dataclass(slots=True)
class Screen:
    """One screen: which milestones it came to show, and when."""

    browser: Browser
    path: str
    shown: dict[str, float] = field(default_factory=dict)
    asked: int = 0

    def follow(self, ends: threading.Event, delay: float) -> None:
        """Ask until the meeting ends, as the page does."""
        version = self._load()
        ends.wait(delay)
        while not ends.is_set():
            answer, _ = self.browser.send(
                "GET", f"{self.path}/state", If_None_Match=f'"{version}"', Blockwise_Screen="shown"
            )
            self.asked += 1
            if answer == 200:
                version = self._load()
            elif answer != 304:
                raise RuntimeError(f"the screen was answered {answer}")
            ends.wait(EACH)

    def _load(self) -> str:
        status, page = self.browser.send("GET", self.path)
        found = VERSION.search(page)
        if status != 200 or found is None:
            raise RuntimeError(f"the page answered {status}")
        for one in MILESTONES:
            if f">{one.title}</h1>" in page:
                self.shown.setdefault(one.key, time.perf_counter())
        return found[1]


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds until each screen showed each move, in order, and CPU seconds for one question."""

    seconds: tuple[float, ...]
    cpu_each: float
    asked: int


def measure(screens: int = 12, moves: int = 20, *, seed: int = 2026) -> Found:
    """Hold such a meeting. Raises RuntimeError when a screen misses a move."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'blockwise.db'}"
        app = create_app(settings_on(url))
        with app.app_context(), tenancy.whole_program():
            db.create_all()
            assessment = rate_as_team(create_cast())
            cookies = _cookies(app, assessment, screens)
            settings = {"DATABASE_URL": url, "SECRET_KEY": SECRET}
            with serving("blockwise", settings=settings) as port:
                path = f"/assessments/{assessment}/meeting"
                team = [Screen(Browser(port, one), path) for one in cookies]
                return _hold(team, assessment, moves, port, random.Random(seed))  # noqa: S311


def _hold(
    team: Sequence[Screen], assessment: int, moves: int, port: int, draw: random.Random
) -> Found:
    ends = threading.Event()
    moved: dict[str, float] = {}
    with closing(Browser(port)) as onlooker, ThreadPoolExecutor(len(team)) as threads:
        following = [threads.submit(one.follow, ends, EACH * draw.random()) for one in team]
        try:
            while min(one.asked for one in team) < 2 and not any(one.done() for one in following):
                time.sleep(EACH)  # the first pages take longer: they load what all others find
            before, asked = onlooker.cpu(), sum(one.asked for one in team)
            time.sleep(QUIET)
            cpu, asked = onlooker.cpu() - before, sum(one.asked for one in team) - asked
            for key in [one.key for one in MILESTONES[:moves]]:
                _go_to(assessment, key, next(reversed(moved), None))
                moved[key] = time.perf_counter()
                time.sleep(2 * EACH + EACH * draw.random())
        finally:
            ends.set()
        for one in following:
            one.result()
    missing = [key for one in team for key in moved if key not in one.shown]
    if missing:
        raise RuntimeError(f"not shown: {missing}")
    seconds = sorted(one.shown[key] - at for one in team for key, at in moved.items())
    return Found(tuple(seconds), cpu.process / asked, asked)


def _go_to(assessment: int, milestone: str, seen_at: str | None) -> None:
    state.go_to(assessment_id=assessment, milestone=milestone, seen_at=seen_at)
    db.session.commit()


def _cookies(app: Flask, assessment: int, screens: int) -> list[dict[str, str]]:
    raters = db.session.scalars(
        select(Rating.person_id).where(Rating.assessment_id == assessment).order_by(Rating.id)
    ).all()
    found = [cookies_of(app, int(person or 0)) for person in raters[:screens]]
    db.session.commit()
    return found


def report(found: Found) -> str:
    """The figures in two lines."""
    at = [found.seconds[int(share * (len(found.seconds) - 1))] for share in (0.5, 0.95, 1)]
    return (
        f"shown after {at[0]:.2f} s (median), {at[1]:.2f} s (95 of 100), {at[2]:.2f} s (the last "
        f"of {len(found.seconds)}); {at[1] / PROMISED:.2f} of the {PROMISED:g} s promised\n"
        f"a question costs {1000 * found.cpu_each:.1f} ms CPU of the whole server "
        f"({found.asked} asked while nothing happened)"
    )


def main() -> None:
    """Print the figures; nothing is asserted, because a machine's speed is not a bug."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--screens", type=int, default=12, choices=range(1, 13))
    parser.add_argument("--moves", type=int, default=20, choices=range(1, len(MILESTONES) + 1))
    given = parser.parse_args()
    print(report(measure(given.screens, given.moves)))


if __name__ == "__main__":
    main()
