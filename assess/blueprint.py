"""The two blueprints of this package; every views module hangs its routes on one of them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("assess", __name__)
pages = Blueprint("pages", __name__)
