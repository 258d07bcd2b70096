"""Tells keys that nobody can guess from those that come out of examples."""

from __future__ import annotations

SHORTEST = 32
FEWEST_CHARACTERS = 10
WEAK_WORDS = ("blockwise", "change", "default", "example", "password", "secret")


def weakness(key: str) -> str | None:
    """Why a key is too easy to guess for the internet; None when it is not."""
    if len(key) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    if len(set(key)) < FEWEST_CHARACTERS:
        return "repeats too few characters"
    if any(word in key.lower() for word in WEAK_WORDS):
        return "contains a word that stands in many examples"
    return None
