"""Times what others feel of people who sign in: the rating page, alone and beside 8 sign-ins.

A real server on SQLite answers on loopback. The sign-ins come from a process of their own that
repeats one request, so that nearly all the work is the server's. Quiet and busy spells take turns,
because whatever else the machine does should weigh on both alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

from accounts import service
from accounts.sign_in import passwords
from benchmarks.completion import QUARTER, longest_block, rater_in, start_rating
from benchmarks.served import ROOT, free_port, wait_for
from core.db import db

PASSWORD = "correct horse battery staple"  # noqa: S105 - protects nothing
EMAIL = "rater@example.org"
SPELLS, PAGES = 6, 50
PAUSE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Place:
    """A running server, its rating page, and the cookie of the person who opens it."""

    port: int
    page: str
    cookie: str


def measure(spells: int = SPELLS) -> dict[str, float]:
    """Milliseconds of the rating page (p50, p95) quiet and busy, and sign-ins per second."""
    with tempfile.TemporaryDirectory() as name, _running(Path(name)) as place:
        _milliseconds(place)  # the first pages load what all others find
        quiet: list[float] = []
        busy: list[float] = []
        done, seconds = 0, 0.0
        for _ in range(spells):
            quiet += _milliseconds(place)
            with _sign_ins(place) as load:
                time.sleep(0.3)
                busy += _milliseconds(place)
            done, seconds = done + load.done, seconds + load.seconds
    p95 = _p95(quiet), _p95(busy)
    return {
        "quiet_p50_ms": median(quiet),
        "quiet_p95_ms": p95[0],
        "busy_p50_ms": median(busy),
        "busy_p95_ms": p95[1],
        "p95_ratio": p95[1] / p95[0],
        "sign_ins_per_second": done / seconds,
    }


@contextmanager
def _running(folder: Path) -> Iterator[Place]:
    with rater_in(folder) as rater:
        address = f"{start_rating(rater, QUARTER)[0]}/{longest_block(rater.instrument)}"
        cookie = rater.client.get_cookie("blockwise")
        with rater.app.app_context():
            service.set_password(rater.person, passwords.hashed(PASSWORD))
            db.session.commit()
        secret, url = str(rater.app.secret_key), rater.app.config["SQLALCHEMY_DATABASE_URI"]
    if cookie is None:
        raise RuntimeError("the benchmark got no cookie")
    port = free_port()
    settings = {
        "DATABASE_URL": url,
        "SECRET_KEY": secret,
        "BLOCKWISE_BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "flask", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port, "/healthz")
        yield Place(port, address, f"blockwise={cookie.value}")
    finally:
        server.terminate()
        server.wait()


def _milliseconds(place: Place) -> list[float]:
    """How long each of several openings of the rating page took, one after the other."""
    connection = HTTPConnection("127.0.0.1", place.port, timeout=30)
    took = []
    for _ in range(PAGES):
        start = time.perf_counter()
        connection.request("GET", place.page, headers={"Cookie": place.cookie})
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - start) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"the rating page answered {answer.status}")
        time.sleep(PAUSE_SECONDS)
    connection.close()
    return took


@dataclass(slots=True)
class _Load:
    """How many sign-ins were done, in how many seconds."""

    done: int = 0
    seconds: float = 0.0


@contextmanager
def _sign_ins(place: Place) -> Iterator[_Load]:
    """Eight people sign in again and again inside the block, from another process."""
    command = [sys.executable, "-m", "benchmarks.sign_in_load", str(place.port), EMAIL, PASSWORD]
    load = _Load()
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the sign-ins did not begin")
        start = time.perf_counter()
        yield load
    finally:
        load.seconds = time.perf_counter() - start
        text, _ = process.communicate("stop\n")
        load.done = int(text or 0)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
