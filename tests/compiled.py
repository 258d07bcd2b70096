"""Compiles templates, routes and SQL once for all tests: every test has its own application.

They took more time than most tests. Routes have no cache of their own to plug in, so one is put
around the method of Werkzeug that compiles them; should that method go, tests only get slower.
Databases of one kind share a dialect, because it is part of the key of every compiled statement.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect
from werkzeug.routing import Rule

from core.db import db


class CompiledOnce(BytecodeCache):
    """Keeps compiled templates in memory; Jinja itself asks anew when a template has changed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED = CompiledOnce()
# by kind of database
_SQL: dict[str, tuple[Dialect, Any]] = {}


def compile_once(app: Flask) -> None:
    """Let the application share what others have compiled."""
    app.jinja_env.bytecode_cache = _COMPILED
    with app.app_context():
        engine = db.engine
        dialect, statements = _SQL.setdefault(
            engine.dialect.name, (engine.dialect, engine._compiled_cache)
        )
        engine.dialect = engine.pool._dialect = dialect
        engine._compiled_cache = statements


def compile_routes_once() -> None:
    """Let equal routes of all applications share their compiled builders, which hold no state."""
    compile_builder: Callable[..., Any] | None = getattr(Rule, "_compile_builder", None)
    if compile_builder is None or hasattr(compile_builder, "kept"):
        return
    kept: dict[Any, Any] = {}

    def compile_or_share(rule: Any, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    compile_or_share.kept = kept  # type: ignore[attr-defined]
    Rule._compile_builder = compile_or_share  # type: ignore[assignment,method-assign]
