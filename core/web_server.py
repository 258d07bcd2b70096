"""The web server of `flask serve`: one process with threads on this machine."""

from __future__ import annotations

import logging
from typing import cast

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask

from core.headers import FIXED
from core.limits import MIB

IN_MEMORY = 8 * MIB
"""Waitress moves longer requests to a temporary file, and files hold what people rated; no route
that takes a file reads more than this."""


class PlainErrorTask(ErrorTask):
    """Waitress answers what is no HTTP itself, before the application; it gets our headers too."""

    def execute(self) -> None:
        own = [*FIXED.items(), ("Cache-Control", "no-store")]
        self.response_headers = [*self.response_headers, *own]
        super().execute()


class Channel(HTTPChannel):
    """A connection whose errors are answered by us."""

    error_task_class = PlainErrorTask


def make_server(app: Flask, *, port: int, threads: int, behind_proxies: bool) -> BaseWSGIServer:
    """A server that listens on loopback only. Raises OSError when the port is taken."""
    server = cast(
        BaseWSGIServer,  # and not one of several sockets: the address is one
        create_server(
            app,
            host="127.0.0.1",
            port=port,
            threads=threads,
            inbuf_overflow=IN_MEMORY,
            ident=None,  # the version of the server is nobody's business
            # ProxyFix reads them when there are proxies; without, nobody may
            clear_untrusted_proxy_headers=not behind_proxies,
        ),
    )
    server.channel_class = Channel
    # waiting for a thread is no news: a line for each request that waits would fill the log
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return server
