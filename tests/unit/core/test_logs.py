"""The log of the process: one line an event, whatever the values hold."""

from __future__ import annotations

import pytest
import structlog

from core import logs


@pytest.mark.parametrize("broken", ["/a\n2026-11-22 [error] forged", "/a\r\nforged", "/a\x1b[2J"])
def test_a_line_break_in_a_value_begins_no_line(
    broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    structlog.get_logger("test").warning("event", path=broken)
    written = capsys.readouterr().err
    assert "event" in written
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written
