"""What a screen of the meeting fetches by itself, told from what somebody asked for."""

from __future__ import annotations

from flask import request

from core import cookies

HEADER = "Blockwise-Screen"
"""js/meeting/live.js sends it with the value "shown", and only while its page is visible."""


def note_screen(*, polled: bool = False) -> None:
    """Nobody clicked for this; on a screen that is seen it keeps the sign-in alive for a while.

    `polled`: no click in any case.
    """
    if request.headers.get(HEADER) == "shown":
        cookies.is_watched()
    elif polled:
        cookies.is_no_use()
