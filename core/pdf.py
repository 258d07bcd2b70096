"""The one home of WeasyPrint: turns a finished HTML sheet into an accessible PDF, offline.

The result is PDF/UA-1 (tagged, every font embedded) and depends on the input alone: dates and
identifier come from the caller. Nothing is fetched: the only addresses that resolve are our own
fonts. WeasyPrint needs Pango from the operating system; without it, PdfUnavailable says which
packages help and everything else of Blockwise keeps working.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from core.fonts import FONT_FACES, font_bytes, printable

APT_LINE = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
MAX_CHARACTERS = 400_000  # about 40 printed pages
TIMEOUT_SECONDS = 20.0
QUEUE_SECONDS = 30.0

_one_at_a_time = threading.Lock()


class PdfError(Exception):
    """A PDF could not be made; the message says why and what to do."""


class PdfUnavailable(PdfError):
    """WeasyPrint cannot start on this machine, usually because Pango is missing."""


class PdfTooLarge(PdfError):
    """The sheet is too long, too deeply nested or takes too long to lay out."""


class PdfBusy(PdfError):
    """Other sheets are being made and the wait was too long."""


def render_pdf(
    html: str,
    *,
    stylesheet: Path | tuple[Path, ...],
    title: str,
    language: str,
    created: datetime,
    modified: datetime,
    identifier: str,
    timeout: float = TIMEOUT_SECONDS,
) -> bytes:
    """Lay out a whole HTML document and return the bytes of a PDF/UA-1 file.

    `html` must come from an autoescaping template; of several stylesheets later ones win. `created`
    and `modified` are aware moments and `identifier` names the version of the content: equal
    arguments give equal bytes. One sheet is made at a time in a process; more threads would gain
    nothing and only raise the memory needed.

    Raises PdfUnavailable, PdfTooLarge or PdfBusy, all of them PdfError.
    """
    if len(html) > MAX_CHARACTERS:
        raise PdfTooLarge("This is too long for one PDF. Shorten what is written in it.")
    sheet = _Sheet(printable(html), title, language, _iso(created), _iso(modified), identifier)
    if not _one_at_a_time.acquire(timeout=QUEUE_SECONDS):
        raise PdfBusy("Other PDFs are being made right now. Try again in a minute.")
    try:
        sheets = (stylesheet,) if isinstance(stylesheet, Path) else stylesheet
        press = _press(sheets, tuple(one.stat().st_mtime_ns for one in sheets))
        with _deadline(timeout):
            return _render(sheet, press)
    except RecursionError as error:
        raise PdfTooLarge("The sheet is nested too deeply to lay out.") from error
    finally:
        _one_at_a_time.release()


def unavailable_reason() -> str | None:
    """None when PDFs can be made here; otherwise the sentence that says what is missing."""
    try:
        with _one_at_a_time:
            _weasyprint()
    except PdfUnavailable as error:
        return str(error)
    return None


@dataclass(frozen=True, slots=True)
class _Sheet:
    html: str
    title: str
    language: str
    created: str
    modified: str
    identifier: str


@dataclass(frozen=True, slots=True)
class _Press:
    """What stays the same between sheets: parsed styles, loaded fonts and the closed door."""

    html: Any
    styles: tuple[Any, ...]
    fonts: Any
    fetcher: Any


def _weasyprint() -> Any:
    try:
        with warnings.catch_warnings():
            # A machine without any system font warns at import; ours are embedded anyway.
            warnings.simplefilter("ignore")
            import weasyprint
            import weasyprint.text.fonts
    except (ImportError, OSError) as error:
        raise PdfUnavailable(
            "This machine cannot make PDFs because the Pango libraries are missing. "
            f"An administrator can add them with: {APT_LINE}"
        ) from error
    return weasyprint


@cache
def _press(stylesheets: tuple[Path, ...], changed: tuple[int, ...]) -> _Press:  # noqa: ARG001 - part of the cache key
    """Parse the styles and load the fonts once. `changed` makes an edited file count as new."""
    weasyprint = _weasyprint()
    fonts = weasyprint.text.fonts.FontConfiguration()
    fetcher = _closed_fetcher()
    sources = (FONT_FACES, *(one.read_text(encoding="utf-8") for one in stylesheets))
    styles = tuple(
        weasyprint.CSS(string=source, font_config=fonts, url_fetcher=fetcher) for source in sources
    )
    # The fonts lie in a temporary folder, to be removed while the interpreter is still whole.
    atexit.register(_press.cache_clear)
    # Thousands of parsed rules live as long as the process: spare the collector the walk.
    gc.freeze()
    return _Press(weasyprint.HTML, styles, fonts, fetcher)


def _closed_fetcher() -> Any:
    """A fetcher that hands out our fonts and refuses every other address, files included."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class FontsOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002
            content = font_bytes(url)
            if content is None:
                raise ValueError(f"Refused: a sheet may not fetch {url[:80]}")
            return URLFetcherResponse(url, content, {"Content-Type": "font/ttf"})

    return FontsOnly(allowed_protocols=())


class _Deadline(logging.Filter):
    """Ends a render that takes too long: WeasyPrint logs each page it starts, we listen there.

    An ordinary exception in the rendering thread, at a place where nothing is half done; threads
    cannot be killed and alarms reach only the main thread.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.end = time.monotonic() + seconds

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        if time.monotonic() > self.end:
            raise PdfTooLarge("This PDF took too long to lay out. Shorten what is written in it.")
        return False


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    progress = logging.getLogger("weasyprint.progress")
    listener = _Deadline(seconds)
    level = progress.level
    progress.addFilter(listener)
    progress.setLevel(logging.INFO)
    try:
        yield
    finally:
        progress.setLevel(level)
        progress.removeFilter(listener)


def _render(sheet: _Sheet, press: _Press) -> bytes:
    document = press.html(string=sheet.html, url_fetcher=press.fetcher).render(
        font_config=press.fonts, stylesheets=list(press.styles), pdf_variant="pdf/ua-1"
    )
    about = document.metadata
    about.title, about.lang = sheet.title, sheet.language
    about.created, about.modified = sheet.created, sheet.modified
    about.generator = "Blockwise"
    identifier = hashlib.sha256(sheet.identifier.encode()).hexdigest()[:32].encode()
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    return content


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
