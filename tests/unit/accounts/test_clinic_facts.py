"""What may be said of a clinic, and the fix for everything that may not."""

from __future__ import annotations

import pytest

from accounts.program import clinic_facts
from accounts.program.clinic_facts import READERS, BadFact


@pytest.mark.parametrize(
    ("column", "typed", "stored"),
    [
        ("name", "  Main \t Street ", "Main Street"),
        ("study_code", " C01 ", "C01"),
        ("study_code", "IMP-001", "IMP-001"),
        ("state", "wa", "WA"),
        ("state", " ", None),
        ("setting", "small  town", "small town"),
        ("ehr", "", None),
        ("clinician_fte", "4.50", 4.5),
        ("clinician_fte", "4,5", 4.5),
        ("clinician_fte", "", None),
        ("baseline_quarter", "Q1 2026", "2026Q1"),
        ("baseline_quarter", "", None),
    ],
)
def test_what_was_typed_is_read(column: str, typed: str, stored: object) -> None:
    assert READERS[column](typed) == stored


@pytest.mark.parametrize(
    ("column", "typed", "words"),
    [
        ("name", " ", "Enter the name."),
        ("name", "x" * 201, "This has 201 characters. Use at most 200."),
        ("name", "a\0b", "cannot be shown"),
        ("study_code", "", "Enter a code"),
        ("study_code", "C 01", "letters, digits, dots and dashes"),
        ("study_code", "=1+1", "letters, digits, dots and dashes"),
        ("study_code", "C" * 41, "Use at most 40."),
        ("state", "ZZ", "not a state"),
        ("state", "Washington", "two letters"),
        ("clinician_fte", "0", "above 0"),
        ("clinician_fte", "-1", "above 0"),
        ("clinician_fte", "nan", "above 0"),
        ("clinician_fte", "1001", "up to 1,000"),
        ("clinician_fte", "four", "above 0"),
        ("baseline_quarter", "soon", "Write it like 2026Q1."),
        ("baseline_quarter", "1026Q1", "Check the year."),
    ],
)
def test_what_cannot_be_taken_comes_with_its_fix(column: str, typed: str, words: str) -> None:
    with pytest.raises(BadFact) as refused:
        READERS[column](typed)
    assert words in str(refused.value)


def test_every_fact_has_a_reader() -> None:
    assert set(READERS) == set(clinic_facts.ClinicFacts.__dataclass_fields__)
