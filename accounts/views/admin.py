"""The start page of administrators: counts, and what waits for somebody."""

from __future__ import annotations

from flask import render_template

from accounts.blueprint import blueprint
from accounts.guard import requires, viewer
from accounts.places import PROGRAM
from accounts.program.admin_queries import get_overview
from accounts.program.reach import administered


@blueprint.get("/admin")
@requires("admin.view", on_object=False)
def admin() -> str:
    return render_template(
        "accounts/admin/admin.html",
        overview=get_overview(administered(viewer())),
        program_scope=PROGRAM.scope,
    )
