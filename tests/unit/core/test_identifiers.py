"""Free text that looks like it names a patient, and free text that only looks busy."""

from __future__ import annotations

import time
from datetime import date

import pytest

from core.identifiers import (
    DATE_OF_BIRTH,
    PHONE,
    RECORD,
    SOCIAL_SECURITY,
    find_identifiers,
    mark_of,
    new_identifiers,
    warning,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("seen 03/14/1956 again", DATE_OF_BIRTH, "03/14/1956"),
        ("3-14-56", DATE_OF_BIRTH, "3-14-56"),
        ("1956-03-14", DATE_OF_BIRTH, "1956-03-14"),
        ("born March 14, 1956.", DATE_OF_BIRTH, "March 14, 1956"),
        ("14 Mar 1956", DATE_OF_BIRTH, "14 Mar 1956"),
        ("DOB: 1/2/2020", DATE_OF_BIRTH, "1/2/2020"),
        ("123-45-6789", SOCIAL_SECURITY, "123-45-6789"),
        ("SSN ends in 6789", SOCIAL_SECURITY, "SSN ends in 6789"),
        ("call (206) 555-0134", PHONE, "(206) 555-0134"),
        ("206-555-0134", PHONE, "206-555-0134"),
        ("+1 206.555.0134", PHONE, "+1 206.555.0134"),
        ("MRN 004512", RECORD, "MRN 004512"),
        ("mrn#: A-12345", RECORD, "mrn#: A-12345"),
        ("chart # 88123", RECORD, "chart # 88123"),
        ("see 20045123", RECORD, "20045123"),
    ],
)
def test_it_finds_identifiers(text: str, kind: str, piece: str) -> None:
    assert [(one.kind, one.text) for one in find_identifiers(text, today=TODAY)] == [(kind, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Policy agreed on 11/21/2026, due Jan 15, 2027",
        "Review 2026-12-01 and 12/1/27",
        "Updated 6/1/2022",
        "2,065 patients on long-term opioids in 20 clinics",
        "50 MME a day or more, 90 % of refills, $1200000",
        "Q4 2026, version 1.2.3, room 204, ext. 1234",
        "Levels 1-4, 3-4 of 26, 10-12 people, 555-01",
        "24/7 line; 9/10 staff; 1/2 tablet",
        "The medical record shows it",
        "https://www.cdc.gov/mmwr/volumes/71/rr/rr7103a1.htm",
        "1.000.000 and 12 345 678",
    ],
)
def test_it_leaves_ordinary_notes_alone(text: str) -> None:
    assert find_identifiers(text, today=TODAY) == ()


def test_each_piece_is_named_once_and_in_order() -> None:
    found = find_identifiers("206-555-0134, DOB 3/4/1950, 206-555-0134", today=TODAY)
    assert [one.text for one in found] == ["206-555-0134", "3/4/1950"]
    assert warning(found).startswith("“206-555-0134” looks like a phone number; “3/4/1950” looks")


def test_a_mark_holds_for_the_same_pieces_only() -> None:
    one = find_identifiers("206-555-0134", today=TODAY)
    other = find_identifiers("206-555-0135", today=TODAY)
    assert mark_of(one) == mark_of(tuple(one))
    assert mark_of(one) != mark_of(other)
    assert mark_of(one) != mark_of(one + other)


def test_what_stood_there_before_is_not_asked_about_again() -> None:
    before = "Pharmacy: 206-555-0134"
    assert new_identifiers(before + ", open late", before, today=TODAY) == ()
    new = new_identifiers(before + " MRN 12345", before, today=TODAY)
    assert [one.text for one in new] == ["MRN 12345"]


def test_long_texts_take_no_time() -> None:
    assert find_identifiers("1-" * 50_000 + "a" * 50_000, today=TODAY) == ()


def test_text_of_any_length_is_searched_in_time_that_grows_with_it() -> None:
    """160,000 characters of birthdays took 12 seconds when every piece was compared with all."""
    text = "1/1/1970 " * 18_000
    began = time.process_time()
    assert len(find_identifiers(text, today=TODAY)) == 1
    assert time.process_time() - began < 3
