"""What a screen of the meeting asked the server, and whether it was told of a change at once.

How many seconds that takes depends on the machine, so `benchmarks.meeting_screens` measures it.
Here counts what does not: the first question that is asked after a change brings it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Response

CLOCKS_DIFFER = 0.05  # seconds between the browser's clock and ours
CHANGED = 200


class Questions:
    """The answers that a page got from the small resource of the meeting, in order."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", self._note)

    def _note(self, answer: Response) -> None:
        if answer.url.endswith("/meeting/state"):
            self._answers.append(answer)

    @contextmanager
    def told_at_once(self) -> Iterator[Callable[[], None]]:
        """Around a change, until the page shows it: no question after it is told "nothing new".

        Gives what the block calls when the change is stored.
        """
        self._answers.clear()
        stored: list[float] = []
        yield lambda: stored.append(time.time())
        (since,) = stored
        told = [
            one.status
            for one in self._answers
            if one.status == CHANGED or _asked_at(one) > since + CLOCKS_DIFFER
        ]
        assert told, "no question brought the change"
        assert told[0] == CHANGED, told


def _asked_at(answer: Response) -> float:
    return answer.request.timing["startTime"] / 1000
