"""From a study and what was read of its assessments to the content of a bundle, by all rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from research.bundle.content import AssessmentReading, BundleContent
from research.study import Study


def build_content(
    study: Study,
    readings: Iterable[AssessmentReading],
    *,
    title: str,
    made_on: date,
    query: str,
    words: str,
    url: str | None = None,
    smallest_cell: int = 3,
) -> BundleContent:
    """Code the clinics, withhold what could identify anybody, and analyze what is left.

    `query` and `words` are the selection as the address of the page and as people read it; `url`
    is the whole address, for the README. Assessments of the study without a reading are left out.
    """
    raise NotImplementedError
