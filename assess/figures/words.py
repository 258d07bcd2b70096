"""How figures write numbers: in the picture, in the table beside it and in the sentence above."""

from __future__ import annotations

from dataclasses import dataclass

NO_SCORE = "no score"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table: the first cell of each row is its heading. No cell is empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the limits of its interval; both None when there are too few clinics."""

    value: float
    low: float | None = None
    high: float | None = None


def score(value: float | None, decimals: int = 1) -> str:
    """ "2.3", with a real minus sign and never "−0.0"; in words when there is none."""
    if value is None:
        return NO_SCORE
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def change(value: float, decimals: int = 1) -> str:
    """ "+0.3", "−0.1", "0.0"."""
    text = score(value, decimals)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"


def limits(interval: Interval, decimals: int = 1, *, signed: bool = False) -> str:
    """ "2.1 to 2.5", or why there are no limits."""
    if interval.low is None or interval.high is None:
        return "too few clinics"
    write = change if signed else score
    return f"{write(interval.low, decimals)} to {write(interval.high, decimals)}"


def moved(first: float, last: float) -> str:
    """ "rose from 1.9 to 2.3", "fell from …", "stayed at 2.3": by what one decimal shows."""
    if score(first) == score(last):
        return f"stayed at {score(first)}"
    return f"{'rose' if last > first else 'fell'} from {score(first)} to {score(last)}"


def counted(number: int, noun: str) -> str:
    """ "1 clinic", "1,200 clinics"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sentence_case(text: str) -> str:
    """A title inside a sentence: "Overall score" becomes "overall score"; PDMP stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
