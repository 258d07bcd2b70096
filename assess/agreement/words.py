"""Words for the size of an agreement, from published conventions, and their limits.

r_wg: LeBreton & Senter (2008), Organizational Research Methods 11, 815-852, table 3. ICC: Koo & Li
(2016), Journal of Chiropractic Medicine 15, 155-163. Alpha: Krippendorff (2004), Human
Communication Research 30, 411-433. A convention is a convention: pages show the number beside it.
"""

from __future__ import annotations

AGREE_WELL = 0.71
"""r_wg from which raters count as agreeing well ("strong agreement")."""

_WITHIN = (
    (0.91, "Agree very closely"),
    (AGREE_WELL, "Agree well"),
    (0.51, "Agree partly"),
    (0.31, "Agree little"),
)
_RELIABLE = ((0.90, "excellent"), (0.75, "good"), (0.50, "moderate"))
_ALPHA = ((0.80, "reliable"), (0.667, "good enough for tentative conclusions"))


def within_words(rwg: float, *, more_than_chance: bool = False) -> str:
    """How far the raters of one subject agree, in words for people."""
    if more_than_chance:
        return "Differ more than guesses would"
    return _word(_WITHIN, rwg, "Hardly agree")


def reliability_word(icc: float) -> str:
    """poor, moderate, good or excellent."""
    return _word(_RELIABLE, icc, "poor")


def alpha_words(alpha: float) -> str:
    """What Krippendorff would let one do with such ratings."""
    return _word(_ALPHA, alpha, "too low to rely on")


def _word(steps: tuple[tuple[float, str], ...], value: float, otherwise: str) -> str:
    # as the page rounds it: what shows as .71 must not be called something else than .71
    shown = round(value, 2 if steps is not _ALPHA else 3)
    return next((word for least, word in steps if shown >= least), otherwise)
