"""We answer under our own names only, and believe proxies about addresses only when told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

import config
from accounts.guard import public
from core.headers import FIXED
from core.web_server import make_server
from tests import databases
from tests.pages import check_page

MakeApp = Callable[[config.Settings], Flask]
ADDRESS = "https://blockwise.example.org"


@pytest.fixture
def site(make_app: MakeApp, database_url: str) -> FlaskClient:
    settings = databases.settings_for(database_url, base_url=ADDRESS)
    return make_app(replace(settings, hosts=("10.0.0.5",))).test_client()


@pytest.mark.parametrize(
    "host", ["blockwise.example.org", "blockwise.example.org:8443", "10.0.0.5"]
)
def test_our_names_are_answered(site: FlaskClient, host: str) -> None:
    assert site.get("/help", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "blockwise.example.org.evil.example",
        "sub.blockwise.example.org",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "a b",
        "<script>",
        "blockwise.example.org:x",
        "",
    ],
)
def test_any_other_name_gets_a_plain_refusal(site: FlaskClient, host: str) -> None:
    answer = site.get("/help", headers={"Host": host})
    assert answer.status_code == 400
    assert "another address" in answer.text
    assert host == "" or host not in answer.text
    assert set(answer.headers.keys()) >= FIXED.keys()
    check_page(answer)
    assert site.get("/healthz", headers={"Host": host}).status_code == 400
    assert site.put("/help", headers={"Host": host}).json is not None


def seen_address(app: Flask, forwarded: str) -> str:
    app.add_url_rule("/who", view_func=public(lambda: request.remote_addr or "nobody"))
    headers = {
        "X-Forwarded-For": forwarded,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Proto": "https",
    }
    answer = app.test_client().get("/who", headers=headers)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.3"), (2, "192.0.2.2"), (4, "127.0.0.1")]
)
def test_an_address_comes_from_as_many_proxies_as_there_are(
    make_app: MakeApp, database_url: str, proxies: int, seen: str
) -> None:
    settings = replace(databases.settings_for(database_url), proxies=proxies)
    assert seen_address(make_app(settings), "192.0.2.1, 192.0.2.2, 192.0.2.3") == seen


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = make_server(app, port=0, threads=1, behind_proxies=False)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.socket.getsockname()[1]
    server.close()
    thread.join(5)


def test_what_is_no_http_is_refused_with_our_headers_too(port: int) -> None:
    for nonsense in (b"no http at all\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(nonsense)
            answer = connection.makefile("rb").read().decode()
        assert answer.startswith("HTTP/1.")
        assert " 400 " in answer.splitlines()[0]
        for name in FIXED:
            assert f"\n{name}:".lower() in answer.lower()
        assert "server:" not in answer.lower()
