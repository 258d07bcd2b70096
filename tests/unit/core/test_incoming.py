"""Files that people choose are read in memory, from the line to the view: no copy on the disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from flask import Flask, request
from waitress.parser import HTTPRequestParser

from core.incoming import Request
from core.limits import MIB
from core.web_server import make_server

FILE = b"3" * (7 * MIB)
PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.xlsx"\r\n\r\n'
FORM = PART + FILE + b"\r\n--b--\r\n"


@pytest.fixture(autouse=True)
def _no_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))


def test_the_server_keeps_an_upload_in_memory() -> None:
    server = make_server(Flask(__name__), port=0, threads=1, behind_proxies=False)
    try:
        parser = HTTPRequestParser(server.adj)
        parser.received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(FORM))
        parser.received(FORM)
        assert parser.completed
        assert len(parser.get_body_stream().read()) == len(FORM)
    finally:
        server.task_dispatcher.shutdown()
        server.close()


def test_the_application_keeps_an_uploaded_file_in_memory() -> None:
    app = Flask(__name__)
    app.request_class = Request
    kind = "multipart/form-data; boundary=b"
    with app.test_request_context(method="POST", data=FORM, content_type=kind):
        assert request.files["files"].read() == FILE
