"""Draws an address as a QR code inside the page: nothing to load, sharp on screen and paper."""

from __future__ import annotations

import segno
from markupsafe import Markup

# the empty modules around a code that cameras look for (ISO/IEC 18004)
QUIET_ZONE = 4


def qr_code(address: str, *, title: str, border: int = QUIET_ZONE) -> Markup:
    """The address as an inline SVG with a title, so that screen readers can name it.

    The light modules are drawn too: a code must stay dark on light in dark mode. `border` is in
    modules; use 0 where the page itself leaves room.
    """
    code = segno.make(address, error="m", micro=False)
    width, height = code.symbol_size(border=border)
    parts = [
        f"M{column + border} {row + border}h1v1h-1z"
        for row, line in enumerate(code.matrix)
        for column, dark in enumerate(line)
        if dark
    ]
    path = Markup("".join(parts))  # noqa: S704 # nosec B704 # digits and letters of ours only
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {} {}" role="img"'
        ' shape-rendering="crispEdges"><title>{}</title><path fill="#fff" d="M0 0h{}v{}H0z"/>'
        '<path d="{}"/></svg>'
    ).format(width, height, title, width, height, path)
