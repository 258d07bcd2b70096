"""Home, clinics and help."""

from __future__ import annotations

from flask import render_template

from accounts.guard import public
from assess.blueprint import pages


@pages.get("/")
@public
def home() -> str:
    return render_template("pages/home.html")


@pages.get("/help")
@public
def help() -> str:  # noqa: A001
    return render_template("pages/help.html")
