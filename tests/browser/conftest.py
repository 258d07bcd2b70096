"""A real server on a free loopback port and a real Chromium for the browser tests."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from waitress.server import TcpWSGIServer, create_server

from core import tenancy
from core.db import db
from tests import databases
from tests.cast import Cast, create_cast

# a machine that runs all tests at once is slow at times; what holds is seen as soon as it does
expect.set_options(timeout=15_000)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Site:
    """A running Blockwise: its address, its application and (on an empty one) the cast."""

    url: str
    app: Flask
    cast: Cast

    def sign_in(self, page: Page, person_id: int) -> None:
        """Put this person's session cookie into the page's browser context."""
        from tests.pages import sign_in

        client = self.app.test_client()
        sign_in(client, self.app, person_id)
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        if cookie is None:
            raise RuntimeError("the application set no session cookie")
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": self.url, "httpOnly": True}]
        )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium: no chromium on this machine (apt-get install chromium)")
    arguments = ["--disable-quic", "--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": found, "args": arguments}


def _serve(server: TcpWSGIServer, over: threading.Event) -> None:
    """Serve until it is over, and close every connection in the thread that waits for them.

    A service worker may still ask for pages while its test ends.
    """
    while not over.is_set():
        server.asyncore.loop(timeout=1, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    for channel in list(server.active_channels.values()):
        channel.handle_close()  # with the files it was sending
    server.asyncore.close_all(server._map, ignore_all=True)


@pytest.fixture
def site(sqlite_file: Path, tmp_path: Path) -> Iterator[Site]:
    """Blockwise with the cast and no assessments yet."""
    from app import create_app

    path = tmp_path / "site.db"
    shutil.copy(sqlite_file, path)
    app = create_app(databases.settings_for(f"sqlite:///{path}"))
    with app.app_context(), tenancy.whole_program():
        cast = create_cast()
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    over = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, over), daemon=True)
    thread.start()
    try:
        # for what a test itself asks the database; the server's threads reach what they are told
        with tenancy.whole_program():
            yield Site(f"http://127.0.0.1:{server.effective_port}", app, cast)
    finally:
        over.set()
        server.pull_trigger()
        thread.join(timeout=10)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page the size of a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page the size of a laptop."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()
