"""Knows the other ways in which people write an answer into a cell: "3.0", "n/a", "3 Begun"."""

from __future__ import annotations

import re
import unicodedata

from assess.answers import DONT_KNOW, NOT_APPLICABLE, WORDS
from assess.paper.reading import DONT_KNOW_KEY, NOT_APPLICABLE_KEY
from questionnaires.instrument import Milestone

_NUMBER = re.compile(r"(?:level )?([0-9]{1,2})(?:[.,]0{1,4})?(?:[ .:=–-]{1,3}([^0-9]{2,40}))?")
_DONT_KNOW = {"d", "dk", "dont know", "do not know", "i dont know", "unknown"}
_NOT_APPLICABLE = {"n", "na", "n/a", "not applicable", "doesnt apply", "does not apply"}


def key_meant(text: str, milestone: Milestone) -> str:
    """The key for what was written when it can mean one thing only; else the text itself."""
    said = _plain(text)
    if said in _DONT_KNOW or said == _plain(WORDS[DONT_KNOW.state]):
        return DONT_KNOW_KEY
    if said in _NOT_APPLICABLE or said == _plain(WORDS[NOT_APPLICABLE.state]):
        return NOT_APPLICABLE_KEY
    words = {_plain(band.label): band for band in milestone.scale.bands}
    if said in words and words[said].low == words[said].high:
        return str(words[said].low)
    if not (number := _NUMBER.fullmatch(said)):
        return text
    band = words.get(number[2]) if number[2] else None
    if number[2] and (band is None or not band.low <= int(number[1]) <= band.high):
        return text
    return number[1]


def _plain(text: str) -> str:
    """Small letters, ordinary digits, no apostrophes, no full stop at the end or in "n.a."."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"['’‘`]", "", text).strip(" .")
    return "na" if text == "n.a" else text
