"""The selection that an address asks for: the same for the page and for each of its figures."""

from __future__ import annotations

from flask import request

from accounts.models import Role
from accounts.viewer import Viewer
from research.selection import Selection, read_selection


def asked(person: Viewer) -> Selection:
    """The selection in the address; who only coaches gets the simple view unless it says so."""
    coaches = Role.COACH in person.roles
    studies = bool(person.roles & {Role.RESEARCHER, Role.ADMINISTRATOR})
    return read_selection(request.args, simple=coaches and not studies)
