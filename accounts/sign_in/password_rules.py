"""What a password must be, as NIST SP 800-63B-4 (section 3.1.1.2) says: long, and not well known.

Length counts, nothing else: no kinds of characters are asked for and no password grows old. What
the first guessers try is refused: lists of leaked passwords, the person's own words, repetitions
and rows of keys. The lists and the search for them are those of zxcvbn, which works offline.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

MINIMUM_ALONE = 15
MINIMUM_WITH_SECOND_FACTOR = 8
MAXIMUM = 1024
# guesses below which a password counts as commonly used; tries over the network are counted too
FEWEST_GUESSES_ALONE = 1e8
FEWEST_GUESSES_WITH_SECOND_FACTOR = 1e6
# zxcvbn takes 250 ms for 72 characters and a few for these; both ends of longer ones are looked at
_LOOKED_AT = 32
_LONGEST_WORDS = 300
_PRODUCT = "blockwise"

_WHY = {
    "product": "This password uses the name Blockwise, which people guess at once.",
    "own": "This password uses your name, your email or the name of your organization.",
    "list": "This password is one of the first that people guess.",
    "repeat": "This password repeats the same characters.",
    "sequence": "This password is a row that people guess at once, like abcd or 1234.",
    "spatial": "This password is a row of keys on the keyboard.",
    "date": "This password is mostly a date.",
}
ADVICE = "Choose several unrelated words."


def normalize(password: str) -> str:
    """The password as it is checked and hashed: NFKC, so that every keyboard types the same."""
    return unicodedata.normalize("NFKC", password)


def is_short(password: str) -> bool:
    """Whether it is too short to stand alone, without a second factor."""
    return len(normalize(password)) < MINIMUM_ALONE


def find_problem(password: str, *, second_factor: bool, context: Sequence[str] = ()) -> str | None:
    """Why this password cannot be taken and what to do, in one or two sentences; None when it can.

    `context` are words that a guesser knows: the person's email and name, the organization.
    """
    password = normalize(password)
    minimum = MINIMUM_WITH_SECOND_FACTOR if second_factor else MINIMUM_ALONE
    if len(password) < minimum:
        return f"Use at least {minimum} characters. {ADVICE}"
    if len(password) > MAXIMUM:
        return "Use no more than 1,024 characters."
    fewest = FEWEST_GUESSES_WITH_SECOND_FACTOR if second_factor else FEWEST_GUESSES_ALONE
    words = list(_context_words(context))
    whys = [_why_known(part, words, fewest) for part in _ends(password)]
    why = whys[0] if all(whys) else _why_known_without_spaces(password, words, fewest)
    return f"{why} {ADVICE}" if why else None


def _why_known_without_spaces(password: str, words: list[str], fewest: float) -> str | None:
    """A row or a leaked password does not get better with spaces in it."""
    squeezed = "".join(password.split())
    if not squeezed:
        return _WHY["repeat"]
    if squeezed == password:
        return None
    whys = [_why_known(part, words, fewest) for part in _ends(squeezed)]
    return whys[0] if all(whys) else None


def _ends(password: str) -> list[str]:
    if len(password) <= _LOOKED_AT:
        return [password]
    return [password[:_LOOKED_AT], password[-_LOOKED_AT:]]


def _context_words(context: Sequence[str]) -> Iterator[str]:
    yield _PRODUCT
    for text in context:
        text = text[:_LONGEST_WORDS]  # typed, and maybe of any length
        words = "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
        yield text.lower()
        yield "".join(words)
        yield from (word for word in words if len(word) > 2)


def _why_known(password: str, words: list[str], fewest: float) -> str | None:
    # the lists take 70 ms and 20 MB: only processes that set passwords pay for them
    from zxcvbn import zxcvbn

    found: dict[str, Any] = zxcvbn(password, user_inputs=words)
    if found["guesses"] >= fewest:
        return None
    longest = max(found["sequence"], key=lambda match: len(match["token"]))
    own = [one for one in found["sequence"] if one.get("dictionary_name") == "user_inputs"]
    if own:
        return _WHY["product" if all(_PRODUCT in one["token"].lower() for one in own) else "own"]
    return _WHY.get(longest["pattern"], _WHY["list"])
