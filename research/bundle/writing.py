"""Writes a data bundle: one zip, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from research.bundle.content import BundleContent

Progress = Callable[[int, str], None]
"""Told the percentage done, 0 to 100, and in a few words what is being written now."""


def unheard(percent: int, step: str) -> None:
    """Progress that nobody waits for."""


def write_bundle(
    content: BundleContent, target: BinaryIO | Path, progress: Progress = unheard
) -> None:
    """Write the whole zip to `target`; a Path appears only once it is complete."""
    raise NotImplementedError
