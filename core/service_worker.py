"""The text of the service worker, with a version that changes when any of its files does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

# what pages that work without a connection are made of; other scripts need one anyway
FOLDERS = ("css", "img", "js/offline", "js/rating")
WORKER = "js/offline/worker.js"
ENDED = "js/offline/ended.js"
"""The worker that removes itself and what was kept; it is no file of any page."""


@dataclass(frozen=True, slots=True)
class ServiceWorker:
    """The two texts that browsers may get: the worker, and what ends it."""

    version: str
    text: str
    ending: str


@cache
def read_service_worker(static_folder: str, static_path: str) -> ServiceWorker:
    """Read the worker and what it keeps; once per process, as files change with a new start."""
    root = Path(static_folder)
    names = sorted(_names(root))
    content = sha256()
    for name in (*names, WORKER):
        content.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    version = content.hexdigest()[:12]
    paths = [f"{static_path}/{name}" for name in names]
    head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(paths)};\n"
    text = head + (root / WORKER).read_text(encoding="utf-8")
    return ServiceWorker(version, text, (root / ENDED).read_text(encoding="utf-8"))


def _names(root: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.*"):
            name = path.relative_to(root).as_posix()
            if name not in {WORKER, ENDED}:
                yield name
