"""What others would use for the same analyses, where it can be had: pandas with pingouin, and R."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from config import ROOT

LOCK = ROOT / "benchmarks" / "peers.lock"


def pandas_python(folder: Path) -> str | None:
    """Python of an environment with what benchmarks/peers.lock names; None where it fails.

    Made once for each lock, in `folder`; nothing of it comes near the application.
    """
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    place = folder / f"peers-{digest}"
    python = place / "bin" / "python"
    if (place / "complete").exists():
        return str(python)
    print("Making an environment with pandas and pingouin ...", file=sys.stderr, flush=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([*install, "--require-hashes", "-r", str(LOCK)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"pandas and pingouin are left out: {error}", file=sys.stderr)
        return None
    (place / "complete").touch()
    return str(python)


def rscript() -> str | None:
    """The path of Rscript where it has data.table; None otherwise."""
    found = shutil.which("Rscript")
    if found is None:
        return None
    question = 'quit(status = !requireNamespace("data.table", quietly = TRUE))'
    asked = subprocess.run([found, "-e", question], check=False, capture_output=True)
    return found if asked.returncode == 0 else None
