"""Starts a program and writes what it took into a file; run by path, with nothing imported.

A process of its own, because Linux counts the memory of whoever starts a program into the
program's peak, and the benchmark itself is larger than some of what it measures.
"""

from __future__ import annotations

import os
import sys
import time


def main(figures: str, command: list[str]) -> None:
    """Write "wall cpu kilobytes" of the command into the file `figures`; end as it ended."""
    start = time.perf_counter()
    process = os.fork()
    if process == 0:
        os.execv(command[0], command)  # noqa: S606 # nosec B606 # our own programs
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    with open(figures, "w", encoding="ascii") as file:  # noqa: PTH123 # nothing imported
        file.write(f"{wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
