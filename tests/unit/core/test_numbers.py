"""What a request may say where a number belongs."""

from __future__ import annotations

import pytest

from core.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("999999999", 999_999_999)])
def test_it_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "x", "¹", "٣", "1000000000"])
def test_all_else_is_none(text: str) -> None:
    assert whole_number(text) is None
