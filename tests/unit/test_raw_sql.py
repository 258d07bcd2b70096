"""SQL that goes around the query layer stands in few modules, each with a reason."""

from __future__ import annotations

import ast
from pathlib import Path

import config

PACKAGES = ("accounts", "action_plans", "assess", "core", "questionnaires", "research")
# accounts.wall does not see what these send; on PostgreSQL row-level security does
ALLOWED = {
    # /healthz asks whether the database answers
    ("app.py", "text"),
    # the wall's own quick way: every statement gets the criteria of the reach before it is sent
    ("accounts/wall.py", "connection"),
    # writes rows of a rating that was found within reach, with the clinic of that rating
    ("assess/rating/saving.py", "connection"),
    ("assess/rating/saving.py", "__table__"),
}


def test_only_named_modules_go_around_the_wall() -> None:
    files = [config.ROOT / "app.py"]
    files += [path for name in PACKAGES for path in (config.ROOT / name).rglob("*.py")]
    found = {
        (str(path.relative_to(config.ROOT)), name)
        for path in files
        if path.parts[len(config.ROOT.parts)] != "core"
        for name in _ways_around(path)
    }
    assert found == ALLOWED


def _ways_around(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"sqlalchemy", "sqlalchemy.sql"}:
            found |= {one.name for one in node.names if one.name in {"text", "literal_column"}}
        if isinstance(node, ast.Attribute) and node.attr in {
            "__table__",
            "connection",
            "exec_driver_sql",
            "bulk_insert_mappings",
        }:
            found.add(node.attr)
    return found
