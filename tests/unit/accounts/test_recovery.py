"""Recovery codes can be read from paper by anybody and guessed by nobody."""

from __future__ import annotations

import math

from accounts.factors import recovery


def test_a_code_holds_more_than_112_bits() -> None:
    """OWASP ASVS 5.0, 6.5.2: only then a plain hash may keep it."""
    signs = recovery.GROUPS * recovery.GROUP_LENGTH
    assert signs * math.log2(len(set(recovery.ALPHABET))) >= 112
    assert len(recovery.tidy(recovery._new_code())) == signs


def test_no_two_signs_look_alike() -> None:
    assert not set("ILOU") & set(recovery.ALPHABET)
    assert recovery.tidy(recovery.ALPHABET) == recovery.ALPHABET


def test_what_people_type_is_read_kindly() -> None:
    assert recovery.tidy(" abcd-efgh oOil\tLI\n") == "ABCDEFGH001111"


def test_a_code_of_an_app_is_no_recovery_code() -> None:
    assert not recovery.looks_like_a_code("123 456")
    assert recovery.looks_like_a_code(recovery._new_code().lower())
