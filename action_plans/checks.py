"""What `flask doctor` looks at for plans: whether they can be made into PDF files."""

from __future__ import annotations

from collections.abc import Iterator

from core import pdf
from core.doctor import Check, Finding, ok, warning


def paper() -> Iterator[Finding]:
    """Whether the libraries for PDF are here."""
    missing = pdf.unavailable_reason()
    if missing is None:
        yield ok("PDF", "can be made")
    else:
        yield warning("PDF", missing, "Until then every plan still has a print view.")


CHECKS = (Check("PDF", paper),)
