"""Runs the application, or its floor, in a process of its own that tells its CPU time.

Both stand under the web server of `flask serve`, with as many threads. A benchmark asks
`/cpu-seconds` before and after a task and learns what the whole process has used, and what of it
was used inside the application, without the web server's own work. That answer itself does not
pass the application.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from app import THREADS, create_app
from benchmarks.floor import create_floor
from core import web_server

ROOT = Path(__file__).resolve().parent.parent
CPU_PATH = "/cpu-seconds"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of a whole server, and of the application in it."""

    process: float
    application: float

    def __sub__(self, before: Cpu) -> Cpu:
        return Cpu(self.process - before.process, self.application - before.application)


class Browser:
    """One connection that is kept open, with the cookies it was given."""

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = dict(cookies or {})

    def send(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str]:
        """The status and the text of the answer; a name like content_type is a header's."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(method, path, body, named)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        self._keep(answer)
        return answer.status, text

    def cpu(self) -> Cpu:
        """What the server has used so far."""
        process, application = self.send("GET", CPU_PATH)[1].split()
        return Cpu(float(process), float(application))

    def close(self) -> None:
        self._connection.close()

    def _keep(self, answer: HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str) -> None:
    """Return when the server answers 200. Raises RuntimeError when it does not in a minute."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            browser = Browser(port)
            if browser.send("GET", path)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server of the benchmark did not start")


@contextmanager
def serving(kind: str, *arguments: str, settings: Mapping[str, str]) -> Iterator[int]:
    """The port of such a process ("blockwise" or "floor"), which ends with the block."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.served", kind, str(port), *arguments]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings})
    try:
        wait_for(port, CPU_PATH)
        yield port
    finally:
        server.terminate()
        server.wait()


def main(kind: str, port: int, folder: str = "") -> None:
    """Serve until the process is ended."""
    app = create_app() if kind == "blockwise" else create_floor(Path(folder))
    inner, used = app.wsgi_app, [0.0]

    def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == CPU_PATH:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"{time.process_time()} {used[0]}".encode()]
        start = time.thread_time()
        answer: Any = inner(environ, start_response)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            parts = list(answer)
        used[0] += time.thread_time() - start  # one request at a time comes in
        return parts

    app.wsgi_app = counted  # type: ignore[method-assign]
    web_server.make_server(app, port=port, threads=THREADS, behind_proxies=False).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
