"""Runs a program in a fresh process and tells what it took: wall clock, CPU, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import ROOT

LAUNCHER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py")))


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock and of CPU, peak memory in megabytes, and what the program printed."""

    wall: float
    cpu: float
    megabytes: float
    found: Mapping[str, Mapping[str, float]]


class Failed(RuntimeError):
    """The program ended with an error; its last lines say why."""


def run(command: Sequence[str], compiled: Path) -> Took:
    """Run a program that prints one line of JSON; Python keeps its compiled files in `compiled`.

    Raises Failed.
    """
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    } | {"PYTHONPYCACHEPREFIX": str(compiled)}
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures"
        done = subprocess.run(
            [*LAUNCHER, str(figures), *command],
            cwd=ROOT, env=environment, text=True, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Failed(done.stderr[-600:].strip())
        wall, cpu, kilobytes = map(float, figures.read_text().split())
    return Took(wall, cpu, kilobytes / 1024, json.loads(done.stdout))
