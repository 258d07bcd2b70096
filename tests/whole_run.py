"""Where a run of many tests keeps its files, what it leaves out, and what it says at last."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.postgresql_server import quick_folder

RELEASE = os.environ.get("BLOCKWISE_RELEASE") == "1"


def pytest_configure() -> None:
    """Keep the files of the tests in memory where there is enough of it."""
    folder = quick_folder()
    if folder:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


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
