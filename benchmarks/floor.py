"""The least a web application can do for the same bytes: one Flask, one table, no rules.

It reads the same answers, sends the same page and stores the same answers as durably in SQLite. It
knows no people, permissions, CSRF tokens, history, scores or questionnaires. What Blockwise costs
is told as a multiple of this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from core import sqlite

metadata = MetaData()
answers = Table(
    "answer",
    metadata,
    Column("rating_id", Integer, primary_key=True),
    Column("milestone", String(80), primary_key=True),
    Column("level", Integer),
    Column("note", Text),
    Column("revision", Integer),
)
ratings = Table(
    "rating",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finished", Integer),
)


PAGE = "page.html"


def create_floor(folder: Path) -> Flask:
    """A Flask with the three routes of a completion; its page is the text in the folder's PAGE."""
    app = Flask("floor")
    engine = create_engine(
        f"sqlite:///{folder / 'floor.db'}",
        module=sqlite.driver,
        connect_args={"check_same_thread": False},
    )
    sqlite.configure(engine)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(ratings.insert().values(id=1, finished=0))
    _add_page(app, engine, (folder / PAGE).read_text())
    _add_saving(app, engine)
    return app


def _add_page(app: Flask, engine: Engine, page: str) -> None:
    template = app.jinja_env.from_string("{% raw %}" + page + "{% endraw %}{{ count }}")

    @app.get("/rate")
    def rate() -> str:
        with engine.connect() as connection:
            rows = connection.execute(select(answers).where(answers.c.rating_id == 1)).all()
        return template.render(count=len(rows))


def _add_saving(app: Flask, engine: Engine) -> None:
    @app.put("/answers")
    def save() -> Response:
        body: dict[str, Any] = request.get_json()
        rows = [
            {
                "rating_id": 1,
                "milestone": one["milestone"],
                "level": one["level"],
                "note": one.get("note", ""),
                "revision": one["revision"] + 1,
            }
            for one in body["answers"]
        ]
        statement = insert(answers).values(rows)
        kept = {name: statement.excluded[name] for name in ("level", "note", "revision")}
        with engine.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["rating_id", "milestone"], set_=kept
                )
            )
        return jsonify(saved={row["milestone"]: row["revision"] for row in rows})

    @app.post("/finish")
    def finish() -> Any:
        with engine.begin() as connection:
            connection.execute(update(ratings).where(ratings.c.id == 1).values(finished=1))
        return redirect("/rate")
