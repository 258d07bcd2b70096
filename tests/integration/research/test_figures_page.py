"""Figures on the trends page and by themselves: kinds, sizes, copies kept, what is refused."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import pytest
from flask import Flask

from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess.program_scores import rows_of_case, store
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
CLINICS = "/trends/figures/clinics"


@pytest.fixture
def administrator(app: Flask, cast: Cast, signed_in: SignedIn) -> CheckingClient:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    return signed_in(cast.administrator)


def test_the_page_has_every_figure_with_its_sentence_and_numbers(
    administrator: CheckingClient,
) -> None:
    page = administrator.get("/trends").text
    names = re.findall(r'<figure[^>]* id="figure-([a-z-]+)"', page)
    assert names == ["change", "clinics", "blocks", "first-and-last", "heat-map"]
    assert "In Q2 2026 the mean overall score was 0.3 points higher than in Q1 2025" in page
    assert "the mean overall score rose from 2.3 to 2.6; the score rose in" in page
    for path in re.findall(r'<img src="(/trends/figures/[^"]+)"', page):
        picture = administrator.get(path.replace("&amp;", "&"))
        assert picture.mimetype == "image/svg+xml"
        assert b"<script" not in picture.data


def test_a_picture_is_kept_by_the_browser_until_it_changes(
    administrator: CheckingClient, count_statements: CountStatements
) -> None:
    first = administrator.get(f"{CLINICS}.svg?width=90mm")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "default-src 'none'" in first.headers["Content-Security-Policy"]
    known = {"If-None-Match": first.headers["ETag"]}
    with count_statements() as statements:
        again = administrator.get(f"{CLINICS}.svg?width=90mm", headers=known)
    assert again.status_code == 304
    assert not again.data
    assert len(statements) <= 5, statements
    other = administrator.get(f"{CLINICS}.svg?width=90mm&title=0", headers=known)
    assert other.status_code == 200


def test_files_come_in_the_kind_and_size_asked_for(administrator: CheckingClient) -> None:
    png = administrator.get(f"{CLINICS}.png?width=960px&download=1")
    assert struct.unpack(">I", png.data[16:20]) == (960,)
    assert png.headers["Content-Disposition"] == 'attachment; filename="blockwise-clinics.png"'
    pdf = administrator.get(f"{CLINICS}.pdf?width=90mm")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{CLINICS}.svg?width=banana", 400),
        (f"{CLINICS}.png?width=90mm&dpi=9999", 400),
        (f"{CLINICS}.gif", 404),
        ("/trends/figures/unknown.svg", 404),
        # imported scores have no levels
        ("/trends/figures/levels.svg", 404),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    administrator: CheckingClient, path: str, status: int
) -> None:
    assert administrator.get(path).status_code == status


def test_researchers_get_codes_in_pictures_numbers_and_words(
    administrator: CheckingClient, cast: Cast, signed_in: SignedIn
) -> None:
    page = signed_in(cast.researcher).get("/trends").text
    assert "Clinic C01" in administrator.get("/trends").text
    assert "Clinic C01" not in page
