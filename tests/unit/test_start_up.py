"""What a process loads at once: heavy libraries wait for the page or command that needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "scipy", "matplotlib", "weasyprint", "pandas", "pyarrow", "pyreadstat")


def test_the_application_starts_without_the_heavy_libraries() -> None:
    script = f"import app, sys; print([one for one in {HEAVY} if one in sys.modules])"
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
