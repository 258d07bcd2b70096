"""Under which names we answer, and how many proxies before us tell the truth about who asks."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

LOOPBACK = ("127.0.0.1", "localhost")
MOST_PROXIES = 5
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def parse_names(text: str) -> tuple[str, ...]:
    """Host names or IPv4 addresses separated by commas; ValueError names the wrong one."""
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"“{name}” is not a host name. List names with commas between them, without "
                "https:// and port, like blockwise.example.org,10.0.0.5"
            )
    return names


def parse_proxies(text: str) -> int:
    """How many proxies pass each request on; ValueError unless it is a small whole number."""
    if not (text.isdecimal() and text.isascii() and int(text) <= MOST_PROXIES):
        raise ValueError(f"must be a number from 0 to {MOST_PROXIES}, not “{text}”")
    return int(text)


def init_app(app: Flask, *, names: tuple[str, ...], proxies: int) -> None:
    """Answer 400 to any other name, and learn addresses from that many proxies.

    Only the address of who asks is taken from the proxies: everything else they could say about us
    stands in the base URL already, and a proxy that does not set a header lets anybody set it.
    """
    app.config["TRUSTED_HOSTS"] = list(names)
    if proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
