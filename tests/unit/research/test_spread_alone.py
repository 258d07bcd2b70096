"""Reaching beyond one's own clinics for a moment is for one module, which says why it is safe."""

from __future__ import annotations

import config

PACKAGES = ("accounts", "action_plans", "assess", "core", "questionnaires", "research")


def test_only_the_spread_of_the_program_reaches_everything_for_a_moment() -> None:
    files = [path for name in PACKAGES for path in (config.ROOT / name).rglob("*.py")]
    files.append(config.ROOT / "app.py")
    found = {
        str(path.relative_to(config.ROOT))
        for path in files
        if "everything_for_a_moment" in path.read_text(encoding="utf-8")
    }
    assert found == {"core/tenancy.py", "research/queries/spread.py"}
