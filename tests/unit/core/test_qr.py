"""A QR code carries its address, has a name, and stays dark on light."""

from __future__ import annotations

import re

import segno

from core.qr import qr_code

ADDRESS = "https://example.org/?a=1&b=<2>"


def test_the_qr_code_is_named_and_escaped() -> None:
    code = qr_code(ADDRESS, title="Opens <the> plan")
    assert "<title>Opens &lt;the&gt; plan</title>" in code
    assert code == qr_code(ADDRESS, title="Opens <the> plan")


def test_the_dark_modules_are_those_of_the_code_inside_a_light_border() -> None:
    drawn = re.findall(r"M(\d+) (\d+)h1v1h-1z", qr_code(ADDRESS, title="x", border=4))
    matrix = segno.make(ADDRESS, error="m", micro=False).matrix
    dark = {(x + 4, y + 4) for y, line in enumerate(matrix) for x, one in enumerate(line) if one}
    assert {(int(x), int(y)) for x, y in drawn} == dark
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in qr_code(ADDRESS, title="x")
    assert 'fill="#fff"' in qr_code(ADDRESS, title="x")
