"""Many raters of one assessment save as fast as they can; is every answer there that was promised?

    python -m benchmarks.load [--database sqlite|postgresql] [--database-url URL]
                              [--raters 60] [--seconds 30] [--kill]

A real server answers on loopback: `flask serve` with SQLite, gunicorn with two workers with
PostgreSQL, on a server of its own unless `--database-url` names an empty, migrated database. Half
of the raters have accounts, half joined by the link. Each saves 1 to 4 answers at a time without a
pause, opens the page now and then, sends one batch in twenty twice, finishes in the end, and keeps
a ledger of what it was told. Then the database is compared with the ledgers, row by row.

With --kill PostgreSQL crashes and restarts in the middle (pg_ctl -m immediate), then the server is
killed (kill -9) and started again; raters wait and send the same batch again, as the page does.
Ends with status 1 when anything was lost, doubled or answered with an error.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from threading import Event, Thread

from benchmarks.load_check import Difference, compare
from benchmarks.load_places import (
    INSTRUMENT,
    Server,
    postgresql_database,
    prepared,
    sqlite_database,
)
from benchmarks.load_raters import Ledger, Place, Rater

Crash = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one load: seconds it took, the ledgers, and what is wrong in the database."""

    seconds: float
    ledgers: Sequence[Ledger]
    difference: Difference
    log: str

    @property
    def errors(self) -> list[str]:
        return [error for ledger in self.ledgers for error in ledger.errors]

    @property
    def is_whole(self) -> bool:
        """No error, nothing lost, nothing doubled."""
        return not self.errors and not self.difference and all(x.is_finished for x in self.ledgers)


def run(
    url: str, *, raters: int, seconds: float, kill: bool = False, crash: Crash | None = None
) -> Outcome:
    """Put the load on a server with this (scratch) database and compare."""
    with prepared(url, raters) as (_, places):
        server = Server(url)
        try:
            accidents = [*([crash] if crash else []), server.kill] if kill else []
            took, ledgers = _load(server.port, places, seconds, accidents)
            log = server.read_log()
        finally:
            server.stop()
        return Outcome(took, ledgers, compare(ledgers), log)


def _load(
    port: int, places: Sequence[Place], seconds: float, accidents: Sequence[Crash]
) -> tuple[float, list[Ledger]]:
    keys = [milestone.key for milestone in INSTRUMENT.milestones]
    raters = [
        Rater(place, port, keys, seed=number, patient=bool(accidents))
        for number, place in enumerate(places)
    ]
    stop = Event()
    threads = [Thread(target=rater.rate, args=(stop,), daemon=True) for rater in raters]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for accident in accidents:
        time.sleep(seconds / (len(accidents) + 1))
        accident()
    time.sleep(max(0.0, start + seconds - time.monotonic()))
    stop.set()
    for thread in threads:
        thread.join()
    return time.monotonic() - start, [rater.ledger for rater in raters]


def report(outcome: Outcome) -> str:
    """The figures, in lines."""
    saves = sorted(one for ledger in outcome.ledgers for one in ledger.seconds)
    told = sum(len(all_of) for ledger in outcome.ledgers for all_of in ledger.told.values())
    retries = sum((ledger.retries for ledger in outcome.ledgers), Counter[str]())
    cuts = quantiles(saves, n=100) if len(saves) > 1 else [0.0] * 99
    lines = [
        f"{len(outcome.ledgers)} raters, {outcome.seconds:.1f} s: {len(saves)} saves "
        f"({len(saves) / outcome.seconds:.0f} a second) with {told} answers",
        f"a save took p50 {1000 * cuts[49]:.0f} ms, p95 {1000 * cuts[94]:.0f} ms, "
        f"p99 {1000 * cuts[98]:.0f} ms, at most {1000 * saves[-1] if saves else 0:.0f} ms",
        f"errors {len(outcome.errors)}, lost {outcome.difference.lost}, "
        f"doubled {outcome.difference.doubled}, other {outcome.difference.other}",
    ]
    if retries:
        lines.append(
            "sent again after " + ", ".join(f"{k} {n}" for k, n in sorted(retries.items()))
        )
    lines += [f"  {text}" for text in [*outcome.errors[:10], *outcome.difference.examples]]
    if outcome.log and not outcome.is_whole:
        lines += ["the server wrote:", outcome.log[-3000:]]
    return "\n".join(lines)


@contextmanager
def _database(kind: str, url: str | None) -> Iterator[tuple[str, Crash | None]]:
    if url is not None:
        yield url, None
    elif kind == "sqlite":
        with sqlite_database() as made:
            yield made, None
    else:
        with postgresql_database() as (made, crash):
            yield made, crash


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it on one database, or on both one after the other."""
    parser = argparse.ArgumentParser(prog="load", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--database-url")
    parser.add_argument("--raters", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kill", action="store_true")
    chosen = parser.parse_args(arguments)
    kinds = ["sqlite", "postgresql"] if chosen.database == "both" else [chosen.database]
    whole = True
    for kind in ["given"] if chosen.database_url else kinds:
        with _database(kind, chosen.database_url) as (url, crash):
            outcome = run(
                url, raters=chosen.raters, seconds=chosen.seconds, kill=chosen.kill, crash=crash
            )
        print(f"{kind}{', killed in the middle' if chosen.kill else ''}")
        print(report(outcome), flush=True)
        whole = whole and outcome.is_whole
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main()
