"""What a run of many tests shares, which tests it leaves out, and what it says at its end."""

from __future__ import annotations

import importlib
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.postgresql_server import quick_folder

RELEASE = os.environ.get("BLOCKWISE_RELEASE") == "1"


def pytest_configure() -> None:
    """Keep the files of the tests in memory where there is enough of it."""
    folder = quick_folder()
    if folder:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Let each of several workers begin elsewhere with the modules that all of them collect.

    What the first of them makes of a module (pytest rewrites its assertions) the others then find
    made; in the same order, all would make the same at the same time.
    """
    worker: dict[str, Any] = getattr(session.config, "workerinput", {})
    if not worker or session.config.args != session.config.getini("testpaths"):
        return
    paths = sorted(Path(__file__).parent.rglob("test_*.py"))
    mine = int(worker["workerid"].removeprefix("gw")) * len(paths) // worker["workercount"]
    for path in [*paths[mine:], *paths[:mine]]:
        # what is wrong with a module is said when it is collected
        with suppress(Exception, pytest.skip.Exception):
            importlib.import_module(
                ".".join(path.relative_to(session.config.rootpath).with_suffix("").parts)
            )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a page says is looked at on SQLite; its statements, and all else, on both databases.

    The services behind the pages, access to every route, the crawl and the walls of tenancy run on
    PostgreSQL every time. A release (BLOCKWISE_RELEASE=1) runs everything everywhere.
    """
    if RELEASE:
        return
    left = [item for item in items if _is_of_page_only(item)]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = [item for item in items if item not in gone]


def _is_of_page_only(item: pytest.Item) -> bool:
    return (
        item.get_closest_marker("postgresql") is not None
        and item.path.stem.endswith(("_page", "_pages"))
        and "statements" not in item.name
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last of all what could not be tested here, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("not tested here")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} tests skipped: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A release (BLOCKWISE_RELEASE=1) must have run every test."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if RELEASE and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
