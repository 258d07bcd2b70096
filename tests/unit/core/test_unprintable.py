"""What nobody can read is left out of texts, and nothing else."""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from core.unprintable import without_controls


# half of a surrogate pair has no UTF-8 form, so no request can bring one
@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_can_stand_in_a_page_and_in_a_sheet(text: str) -> None:
    left = without_controls(text)
    assert ET.fromstring(f"<p>{escape(left)}</p>").tag == "p"  # noqa: S314 - written right here
    assert without_controls(left) == left


def test_lines_tabs_and_all_scripts_stay() -> None:
    text = "a\tb\nc\r\n評語 مرحبا 😀\u200d💻 \u202eend"
    assert without_controls(text) == text
    assert without_controls("soft\vbreak\x00\x1b[31m\x85\uffff\U0010fffe") == "soft\nbreak[31m"
