"""Leaves out the signs that no page, sheet or mail may hold, wherever somebody pasted them in.

Those are the controls that HTML and XML forbid, and the code points that Unicode keeps from ever
being characters (https://www.unicode.org/faq/private_use.html#noncharacters).
"""

from __future__ import annotations

import re

_LAST_TWO = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_NEVER = re.compile(f"[\x00-\x08\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef{_LAST_TWO}]")


def without_controls(text: str) -> str:
    """The text without them; tabs and ends of lines stay."""
    # Word ends a line within a paragraph by a vertical tab
    return _NEVER.sub("", text.replace("\v", "\n"))
