"""What lets typed text become code stands nowhere: not in Python, in templates, or in scripts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import config

PACKAGES = ("accounts", "action_plans", "assess", "core", "questionnaires", "research")
MODULES = frozenset({"subprocess", "pickle", "marshal", "shelve", "lxml", "xml", "ldap", "ldap3"})
NAMES = frozenset(
    {"eval", "exec", "compile", "__import__", "render_template_string", "from_string", "system"}
)
# one picture is drawn from digits and letters of ours; tiles are what their template gave
MARKUP = {"core/qr.py", "assess/views/tiles.py"}
# windows and the service worker of one origin tell each other what was saved: no other can
MESSAGES = {
    "static/js/offline/keep.js",
    "static/js/offline/worker.js",
    "static/js/offline/windows.js",
    "static/js/rating/queue.js",
}
SCRIPTS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    r"|(?:window|parent|opener|top)\.postMessage|__proto__|import\(\s*[^\"'\s]"
)
MESSAGE = re.compile(r"postMessage|addEventListener\(\s*[\"']message")
TEMPLATES = re.compile(r"\|\s*safe\b|autoescape\s+false|\bon[a-z]+\s*=\s*\"|href=\"javascript:")


def _own_modules() -> Iterator[tuple[str, ast.Module]]:
    files = [config.ROOT / "app.py", config.ROOT / "config.py"]
    files += [path for name in PACKAGES for path in (config.ROOT / name).rglob("*.py")]
    for path in files:
        yield str(path.relative_to(config.ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def test_no_module_runs_or_unpacks_what_it_is_given() -> None:
    found = {(path, name) for path, tree in _own_modules() for name in _dangerous(tree)}
    assert found == set()


def test_markup_is_made_in_one_place_only() -> None:
    made = {
        path
        for path, tree in _own_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) == "Markup"
    }
    assert made <= MARKUP


def test_templates_escape_everything_and_run_nothing_inline() -> None:
    assert _lines(config.ROOT / "templates", "*.html", TEMPLATES) == []


def test_scripts_write_text_and_no_markup() -> None:
    assert _lines(config.ROOT / "static" / "js", "*.js", SCRIPTS) == []


def test_messages_are_taken_from_windows_of_our_own_only() -> None:
    lines = _lines(config.ROOT / "static" / "js", "*.js", MESSAGE)
    assert {line.split(":")[0] for line in lines} == MESSAGES
    for path in MESSAGES:
        # a window's own listener would take messages of strangers that frame or open it
        text = (config.ROOT / path).read_text(encoding="utf-8")
        assert 'window.addEventListener("message' not in text


def _dangerous(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Call) and not _is_method_of_re(node.func):
            yield from {_name(node.func)} & NAMES


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _is_method_of_re(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and _name(called.value) == "re"


def _lines(folder: Path, pattern: str, wrong: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(config.ROOT)}:{number}: {line.strip()}"
        for path in sorted(folder.rglob(pattern))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if wrong.search(line)
    ]
