"""Services flush; this hook commits what a successful unsafe request did and undoes all else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, Response, g, request

from core import sqlite, tenancy
from core.db import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Attach the hooks; must come before any hook that reads the database."""
    app.before_request(_declare_intent)
    app.after_request(_commit_or_undo)
    app.teardown_request(_forget_intent)


def keep() -> None:
    """Commit this request's changes although its answer is an error (a counted wrong password)."""
    g.keep_changes = True


@contextmanager
def apart() -> Iterator[None]:
    """A transaction of its own for what must be kept whatever comes of the request: counted tries.

    Undoes what the request did before. The one way in which a request that only reads may write.
    """
    db.session.rollback()
    with sqlite.may_write():
        yield
        db.session.commit()


def _declare_intent() -> None:
    g.transaction_intent = ExitStack()
    g.transaction_intent.enter_context(tenancy.nothing_yet())
    if request.method in SAFE_METHODS:
        g.transaction_intent.enter_context(sqlite.reads_only())


def _commit_or_undo(response: Response) -> Response:
    wanted = response.status_code < 400 or g.get("keep_changes", False)
    if request.method not in SAFE_METHODS and wanted:
        db.session.commit()
    else:
        db.session.rollback()
    return response


def _forget_intent(_error: BaseException | None) -> None:
    intent: ExitStack | None = g.pop("transaction_intent", None)
    if intent is not None:
        db.session.rollback()
        intent.close()
