"""Join codes: computed, short, forgiving when typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.joining.codes import ALPHABET, LENGTH, code_hash, make_code, read_code, show_code

KEY = "only for tests"


def code(assessment: int = 1, number: int = 1, secret: str = KEY) -> str:
    return make_code(secret=secret, assessment_id=assessment, number=number)


def test_a_code_has_twelve_letters_and_digits_none_of_which_look_alike() -> None:
    assert len(code()) == LENGTH == 12
    assert not set("ILOU") & set(ALPHABET)
    assert set(code()) <= set(ALPHABET)
    assert len(ALPHABET) == 32


def test_the_same_link_has_the_same_code_and_every_other_another() -> None:
    assert code() == code()
    others = {code(), code(number=2), code(assessment=2), code(secret="other"), code(11, 1)}
    assert len(others | {code(1, 11)}) == 6


def test_all_sixty_bits_are_used() -> None:
    seen = [set(place) for place in zip(*(code(one) for one in range(2000)), strict=True)]
    assert all(letters == set(ALPHABET) for letters in seen)


@given(st.integers(min_value=1, max_value=2**31 - 1), st.integers(min_value=1, max_value=999))
def test_what_is_shown_reads_back(assessment: int, number: int) -> None:
    made = code(assessment, number)
    assert read_code(show_code(made)) == made
    assert read_code(show_code(made).replace("-", "‑")) == made
    assert read_code(f"  {show_code(made).lower().replace('-', ' ')} ") == made


def test_letters_that_look_like_digits_are_meant_as_those() -> None:
    assert read_code("oO0i-Il1L-aaaa") == "0001" + "1111"[:4] + "AAAA"


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMN-P", "ABCU-EFGH-JKMN"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@given(st.text())
def test_any_text_may_be_typed(typed: str) -> None:
    read = read_code(typed)
    assert read is None or len(code_hash(read)) == 32
