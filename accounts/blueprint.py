"""The blueprint of the accounts pages; app.py imports their modules, which adds the routes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
