"""What a device is told that rated without an account and holds no rating any more."""

from __future__ import annotations

from flask import Response, render_template, request

from accounts.permissions import PERMISSIONS, joined, joined_owner
from core.error_pages import wants_json
from core.transactions import SAFE_METHODS

FROM_DEVICE = "device"
"""Hidden field of the forms that a joined device gets."""


def has_left(access: str, cookie: str) -> bool:
    """Whether this request comes from such a device, as far as can be told.

    Somebody with an account may use the same browser: their forms go through the sign-in page, and
    a page that saves in the background knows itself for whom it was made.
    """
    conditions = PERMISSIONS.get(access, ())
    if wants_json() or not (joined in conditions or joined_owner in conditions):
        return False
    if request.method in SAFE_METHODS:
        return cookie in request.cookies
    return FROM_DEVICE in request.form


def render_device_left() -> Response:
    """A plain page with the ways on: the code again, or an account."""
    was_read = request.method in SAFE_METHODS
    wanted = request.full_path.rstrip("?") if was_read else None
    page = render_template("accounts/device_left.html", next=wanted, was_read=was_read)
    return Response(page, status=401)
