"""The blueprint of this package; every views module hangs its routes on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("research", __name__)
