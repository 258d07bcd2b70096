"""Compiles templates, routes and SQL once for all tests: every test has its own application.

They took more time than most tests. Routes have no cache of their own to plug in, so one is put
around the method of Werkzeug that compiles them.
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
    """Let equal routes of all applications share what they are compiled to: it holds no state."""
    compile_rule: Callable[[Any], None] | None = getattr(Rule, "compile", None)
    if compile_rule is None or hasattr(compile_rule, "kept"):
        return
    kept: dict[Any, Any] = {}

    def compile_or_share(rule: Any) -> None:
        if rule.defaults or rule.host or rule.subdomain:
            compile_rule(rule)
            return
        key = (rule.rule, rule.merge_slashes, *rule.map.converters.values())
        like = kept.get(key)
        if like is None:
            compile_rule(rule)
            kept[key] = rule
            return
        for name in ("_parts", "_trace", "_converters", "arguments"):
            setattr(rule, name, getattr(like, name))
        for name in ("_build", "_build_unknown"):
            setattr(rule, name, getattr(like, name).__func__.__get__(rule, None))

    compile_or_share.kept = kept  # type: ignore[attr-defined]
    Rule.compile = compile_or_share  # type: ignore[method-assign]
