"""Prints the minutes: the sheet as HTML and as PDF/UA-1."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import current_app

from assess.answers import words
from assess.minutes.arranging import ratings_words
from assess.minutes.content import Minutes
from core.fonts import MISSING, printable
from core.pdf import render_pdf
from core.qr import qr_code

STYLESHEETS = ("css/sheet.css", "css/minutes_sheet.css")


def minutes_pdf(minutes: Minutes, assessment_id: int) -> bytes:
    """The minutes as PDF; the same bytes while nothing they tell of changes.

    Raises core.pdf.PdfError when it cannot be made.
    """
    base: str = current_app.config["BASE_URL"]
    html = minutes_html(minutes, f"{base.rstrip('/')}/assessments/{assessment_id}/minutes")
    return render_pdf(
        html,
        stylesheet=tuple(Path(current_app.root_path) / "static" / one for one in STYLESHEETS),
        title=minutes.title,
        language=minutes.language,
        created=minutes.steps[0].at,
        modified=minutes.as_of,
        identifier=hashlib.sha256(html.encode()).hexdigest(),
    )


def minutes_html(minutes: Minutes, url: str) -> str:
    """The sheet as HTML; `url` is the address of the live page."""
    # Not render_template: what asks who is looking has no place on paper.
    template = current_app.jinja_env.get_template("assess/minutes_sheet.html")
    content = {
        "minutes": minutes,
        "url": url,
        "qr": qr_code(url, title=f"QR code that opens {url}", border=0),
        "words": words,
        "ratings_words": ratings_words,
    }
    html = template.render(content, box="")
    # characters that no font can draw become boxes, and then the sheet says so
    return template.render(content, box=MISSING) if MISSING in printable(html) else html


def file_name(minutes: Minutes) -> str:
    """A name for the file that says what is in it."""
    return f"Minutes {minutes.quarter.label} {minutes.clinic}.pdf"
