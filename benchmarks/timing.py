"""How a task is timed: CPU time of this process, so that a busy machine does not change it much."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_milliseconds(work: Callable[[], object], times: int) -> float:
    """CPU time of one run in milliseconds, the mean over many; the first run is not counted."""
    work()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) * 1000 / times
