"""Which passwords are taken, and what the others are told."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from accounts.sign_in.password_rules import MAXIMUM, find_problem, is_short, normalize

WORDS = ["robin.lee@northhealth.example", "Robin Lee", "North Health"]


def problem(password: str, *, second_factor: bool = False) -> str | None:
    return find_problem(password, second_factor=second_factor, context=WORDS)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "only small letters no digits",
        "my dog is called rex",
        "日本語のパスワードはとても長い",
        "kjwq pzxn vbtr mlfy " * 51,  # 1,020 characters; 64 must be possible at least
        "🐕🦊🐻🌲🚲🎺🧦🍐🪴🛶🎈🧊🥁🪁🔭",
    ],
)
def test_long_passwords_of_any_characters_are_taken(password: str) -> None:
    assert problem(password) is None


@pytest.mark.parametrize(
    ("password", "second_factor", "said"),
    [
        ("kjwqpzxnvbtrml", False, "Use at least 15 characters."),
        ("kjwqpzx", True, "Use at least 8 characters."),
        ("x" * (MAXIMUM + 1), False, "Use no more than 1,024 characters."),
    ],
)
def test_the_length_counts(password: str, second_factor: bool, said: str) -> None:
    assert said in (problem(password, second_factor=second_factor) or "")


def test_eight_characters_are_enough_beside_a_second_factor() -> None:
    assert problem("kjwqpzxn", second_factor=True) is None
    assert is_short("kjwqpzxn")
    assert not is_short("kjwqpzxnvbtrmlf")


def test_characters_are_counted_as_they_are_kept() -> None:
    """One ligature is three letters after NFKC, whichever keyboard it came from."""
    assert normalize("o\N{LATIN SMALL LIGATURE FFI}ce") == "office"
    assert len(normalize("e\N{COMBINING ACUTE ACCENT}")) == 1
    assert problem("e\N{COMBINING ACUTE ACCENT}" * 8) is not None, "8 characters, not 16"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("password12345678", "one of the first that people guess"),
        ("1234567890qwertyuiop", "one of the first that people guess"),
        ("p a s s w o r d 1 2 3 4", "one of the first that people guess"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats the same characters"),
        ("letmein letmein letmein", "repeats the same characters"),
        ("a" * 900, "repeats the same characters"),
        (" " * 20, "repeats the same characters"),
        ("abcdefghijklmnop", "a row"),
        ("Robin Lee 1234", "Use at least 15"),
        ("Robin Lee 123456", "your name, your email or the name of your organization"),
        ("northhealth12345", "your name, your email or the name of your organization"),
        ("blockwise1234567", "the name Blockwise"),
    ],
)
def test_what_is_guessed_first_is_refused_with_a_way_on(password: str, said: str) -> None:
    words = problem(password) or ""
    assert said in words
    assert words.endswith("Choose several unrelated words.")


def test_a_weak_beginning_does_not_spoil_a_strong_end() -> None:
    assert problem("a" * 40 + "kjwq pzxn vbtr mlfy dhgs wqpo znxb") is None


@pytest.mark.parametrize(
    "make",
    [lambda: "4@" * 500, lambda: "p@ssw0rd l1i!" * 78, lambda: "qwerty2026-01-01" * 60],
)
def test_no_password_keeps_the_server_busy(make: Callable[[], str]) -> None:
    problem("loads the lists first of all")
    start = time.process_time()
    problem(make())
    assert time.process_time() - start < 0.5
