"""Turns a figure's numbers into SVG, PDF or PNG bytes: one style, one lock, one cache.

The only home of Matplotlib, which it loads at the first figure. Equal numbers give equal bytes, in
every process: no dates, no random ids, no names that depend on Python's hash seed.
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args

from assess.figures.colors import INK
from assess.figures.sheet import Measured, Ruler, Sheet, know_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kind = Literal["svg", "pdf", "png"]


class Titled(Protocol):
    """A figure's numbers: a frozen dataclass with a title, which may be empty."""

    @property
    def title(self) -> str: ...


Data = TypeVar("Data", bound=Titled)

KINDS: tuple[Kind, ...] = get_args(Kind)
NARROWEST, WIDEST = 60.0, 260.0
"""Widths in millimeters: from a phone to 960 pixels of a web page (254 mm) and a bit."""
COARSEST, FINEST = 72, 600
"""Dots per inch of a PNG. Journals ask for 300 (photographs) to 600 (lines with text)."""
DEFAULT_DPI = 300

_MOST_CACHED = 32 * 1024 * 1024
_drawing = threading.Lock()  # Matplotlib keeps fonts and settings per process, not per thread
_kept: OrderedDict[str, bytes] = OrderedDict()


def render(
    compose: Callable[[Data, Sheet], Figure], data: Data, *, kind: Kind, width: float, dpi: float
) -> bytes:
    """The figure that `compose` draws of `data`, `width` millimeters wide, from the cache or new.

    `dpi` counts for PNG only. Raises ValueError for a width or dpi out of bounds.
    """
    if kind not in KINDS:
        raise ValueError(f"A figure is one of {', '.join(KINDS)}, not {kind}")
    if not NARROWEST <= width <= WIDEST:
        raise ValueError(f"A figure is {NARROWEST:g} to {WIDEST:g} mm wide, not {width:g}")
    if not COARSEST <= dpi <= FINEST:
        raise ValueError(f"A PNG has {COARSEST} to {FINEST} dots per inch, not {dpi:g}")
    key = fingerprint(data, kind=kind, width=width, dpi=dpi)
    with _drawing:
        if key not in _kept:
            with _style():
                _keep(key, _save(compose(data, Sheet(width)), kind, dpi, data.title))
        _kept.move_to_end(key)
        return _kept[key]


def height_of(compose: Callable[[Data, Sheet], Figure], data: Data, width: float) -> float:
    """Millimeters that the figure will be high, known without drawing it.

    A page keeps the room for a picture that comes later, so that its text does not jump. It need
    not wait for other drawings: letters are measured with a font per thread.
    """
    try:
        compose(data, Ruler(width))
    except Measured as answer:
        return answer.height
    raise TypeError(f"{compose.__module__} draws without asking for a sheet")


def fingerprint(data: object, *, kind: Kind, width: float, dpi: float) -> str:
    """A sha256 of everything the bytes depend on: the numbers, the size and how we draw.

    Good as an ETag: it is known without drawing, and another release of the style changes it.
    """
    numbers = json.dumps(asdict(data), sort_keys=True, default=str)  # type: ignore[call-overload]
    size = (kind, float(width), float(dpi) if kind == "png" else 0.0)
    whole = repr((type(data).__name__, numbers, size, _drawn_by()))
    return hashlib.sha256(whole.encode()).hexdigest()


def forget() -> None:
    """Empty the cache; for tests that must see a figure drawn again."""
    with _drawing:
        _kept.clear()


def _keep(key: str, content: bytes) -> None:
    _kept[key] = content
    while len(_kept) > 1 and sum(map(len, _kept.values())) > _MOST_CACHED:
        _kept.popitem(last=False)


def _save(figure: Figure, kind: Kind, dpi: float, title: str) -> bytes:
    target = io.BytesIO()
    named = {"Title": title} if title else {}
    metadata: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": "Blockwise", **named},
        "pdf": {"CreationDate": None, "Creator": "Blockwise", "Producer": None, **named},
        "png": {"Software": None, **named},
    }
    figure.savefig(target, format=kind, dpi=dpi if kind == "png" else 72, metadata=metadata[kind])
    return target.getvalue()


@cache
def _drawn_by() -> str:
    """Changes whenever our drawing code or Matplotlib does."""
    from importlib.metadata import version

    code = hashlib.sha256(version("matplotlib").encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()


@contextmanager
def _style() -> Iterator[None]:
    """Our settings and no others: neither another figure's nor those of the machine."""
    import matplotlib

    know_fonts()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.family": ["Source Sans Pro", "DejaVu Sans"],
                "text.color": INK,
                "text.parse_math": False,  # a dollar sign is a dollar sign
                "axes.labelcolor": INK,
                "axes.unicode_minus": True,
                "svg.hashsalt": "blockwise",
                "svg.fonttype": "path",  # no font is missing elsewhere
                "pdf.fonttype": 42,  # journals refuse Type 3 fonts
                "savefig.facecolor": "white",
                "figure.constrained_layout.use": True,
            }
        )
        yield
