"""One rater of the load: saves without a pause, and writes down what the server said it saved."""

from __future__ import annotations

import json
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Event
from typing import Any

from benchmarks.served import Browser

MOST_AT_ONCE = 4
SENT_TWICE = 0.05
SAVES_A_PAGE = 26
RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.2, 3.0
PATIENCE_SECONDS = 90.0
AWAY = (OSError, HTTPException)
"""What a client sees of a server that was killed; ConnectionError and TimeoutError are OSErrors."""
BUSY = 503


@dataclass(frozen=True, slots=True)
class Place:
    """One rater's way in: cookies, the rating, and the page on which they rate."""

    rating: int
    page: str
    finish: str
    cookies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """One answer as the server acknowledged it."""

    revision: int
    level: int
    note: str
    key: str


@dataclass(slots=True)
class Ledger:
    """What one rater was told: by milestone each acknowledged answer, oldest first."""

    place: Place
    told: dict[str, list[Told]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    saves: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    is_finished: bool = False


class Unexpected(Exception):
    """An answer of the server that no rater should get."""


class Rater:
    """Rates until told to stop, then finishes. With `patient`, a server that is away is waited for.

    As the page does, a batch that may have been lost is sent again with the same key and revisions.
    """

    def __init__(
        self, place: Place, port: int, milestones: Sequence[str], *, seed: int, patient: bool
    ) -> None:
        self.ledger = Ledger(place)
        self._browser = Browser(port, place.cookies)
        self._milestones = milestones
        self._draw = random.Random(seed)  # noqa: S311 - the same load each time, no secret
        self._patient = patient
        self._token = ""

    def rate(self, stop: Event) -> None:
        """Open the page, save until `stop`, finish. What goes wrong ends up in the ledger."""
        try:
            while not stop.is_set():
                if self.ledger.saves % SAVES_A_PAGE == 0:
                    self._open_page()
                self._save()
            form = {"content_type": "application/x-www-form-urlencoded"}
            self._send("POST", self.ledger.place.finish, f"csrf_token={self._token}", 302, **form)
            self.ledger.is_finished = True
        except (Unexpected, *AWAY) as error:
            self.ledger.errors.append(f"{type(error).__name__}: {error}"[:300])
        finally:
            self._browser.close()

    def _open_page(self) -> None:
        page = self._send("GET", self.ledger.place.page, None, 200)
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        if found is None:
            raise Unexpected("the page has no token")
        self._token = found[1]

    def _save(self) -> None:
        answers = [self._new_answer(key) for key in self._chosen()]
        key = uuid.uuid4().hex
        body = json.dumps({"key": key, "answers": answers})
        told = self._put(body)
        if self._draw.random() < SENT_TWICE and self._put(body) != told:
            raise Unexpected("the same batch was answered in two ways")
        for one in answers:
            milestone, revision = str(one["milestone"]), told[str(one["milestone"])]
            if revision != one["revision"] + 1:
                raise Unexpected(f"revision {revision} came after {one['revision']}")
            self.ledger.told.setdefault(milestone, []).append(
                Told(revision, one["level"], one["note"], key)
            )
        self.ledger.saves += 1

    def _chosen(self) -> list[str]:
        return self._draw.sample(self._milestones, self._draw.randint(1, MOST_AT_ONCE))

    def _new_answer(self, milestone: str) -> dict[str, Any]:
        before = self.ledger.told.get(milestone)
        last = before[-1] if before else Told(0, 0, "", "")
        return {
            "milestone": milestone,
            "state": "level",
            "level": last.level % 4 + 1,
            "note": f"Change {last.revision + 1} of the policy",
            "revision": last.revision,
        }

    def _put(self, body: str) -> dict[str, int]:
        path = f"/ratings/{self.ledger.place.rating}/answers"
        headers = {"content_type": "application/json", "x_csrftoken": self._token}
        start = time.perf_counter()
        reply = json.loads(self._send("PUT", path, body, 200, **headers))
        self.ledger.seconds.append(time.perf_counter() - start)
        if reply["conflicts"]:
            raise Unexpected("a conflict, although nobody else rates on this sheet")
        saved: dict[str, int] = reply["saved"]
        return saved

    def _send(self, method: str, path: str, body: str | None, wanted: int, **headers: str) -> str:
        end, wait = time.monotonic() + PATIENCE_SECONDS, RETRY_SECONDS
        while True:
            try:
                status, text = self._browser.send(method, path, body, **headers)
            except AWAY as error:
                self._browser.close()  # the next request opens a new connection
                if not self._patient or time.monotonic() > end:
                    raise
                self.ledger.retries[type(error).__name__] += 1
            else:
                if status == wanted:
                    return text
                if status != BUSY or not self._patient or time.monotonic() > end:
                    raise Unexpected(f"{method} {path} answered {status}: {text[:150]}")
                self.ledger.retries["503"] += 1
            time.sleep(wait * (0.5 + self._draw.random()))
            wait = min(2 * wait, LONGEST_RETRY_SECONDS)
