"""Bodies that are too large, and files that are no tables, are refused politely and unread."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask

from app import LARGEST
from assess.rating.holding import hold_rating
from core.limits import MIB
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
BLOCK = catalog.get("six_building_blocks").blocks[0]
UPLOADS = ("/admin/import", "/invitations/many")


def test_every_route_with_a_limit_exists(app: Flask) -> None:
    assert LARGEST.keys() <= app.view_functions.keys()


@pytest.fixture
def rating(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return seeding.start_rating(seeding.open_assessment(cast.clinic), cast.member)


def test_an_autosave_of_more_than_a_mebibyte_is_refused(
    cast: Cast, signed_in: SignedIn, rating: int
) -> None:
    browser = signed_in(cast.member)
    token = {"X-CSRFToken": browser.csrf_token(), "Content-Type": "application/json"}
    for size, status in ((MIB // 2, 422), (MIB + 1, 413)):
        body = b'{"answers": [], "key": "' + b"x" * size + b'"}'
        answer = browser.put(f"/ratings/{rating}/answers", data=body, headers=token)
        assert answer.status_code == status
        assert answer.json is not None


def test_a_block_of_more_than_a_mebibyte_is_refused_before_anything_is_held(
    app: Flask, cast: Cast, signed_in: SignedIn, rating: int
) -> None:
    """Anybody with a join code may send one, and on SQLite all others wait for it."""
    browser = signed_in(cast.member)
    with app.app_context():
        page = f"/assessments/{hold_rating(rating).assessment_id}/rate/{BLOCK.id}"
    note = f"note-{BLOCK.milestones[0].key}"
    token = browser.csrf_token(page)
    for size, status in ((MIB // 2, 422), (MIB, 413)):
        answer = browser.post(page, data={"csrf_token": token, note: "x" * size})
        assert answer.status_code == status


def test_a_form_may_still_be_longer(
    app: Flask, cast: Cast, signed_in: SignedIn, rating: int
) -> None:
    browser = signed_in(cast.member)
    answer = browser.send("/sign-out", {"note": "x" * (5 * MIB)})
    assert answer.status_code < 400


@pytest.mark.parametrize("path", UPLOADS)
def test_a_huge_file_is_refused_and_the_reason_is_said(
    cast: Cast, signed_in: SignedIn, path: str
) -> None:
    browser = signed_in(cast.administrator)
    for size in (2 * MIB, 6 * MIB):
        # by hand: the test client would leave a temporary file open
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nemail'
        answer = browser.post(
            path,
            data=body + b"x" * size + b"\r\n--x--\r\n",
            content_type="multipart/form-data; boundary=x",
            headers={"X-CSRFToken": browser.csrf_token()},
        )
        assert answer.status_code == (422 if size < 4 * MIB else 413)
        assert "too large" in answer.text.lower() or "larger" in answer.text.lower()


@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04" + bytes(200),
        b"%PDF-1.7\n\xe2\xe3\xcf\xd3",
        b"MZ\x90\x00\x03",
        b"\xff\xfe" + "=cmd|' /C calc'!A0".encode("utf-16-le"),
        b"\x00" * 1000,
        b"no,columns,of,ours\n1,2,3,4\n",
    ],
    ids=["empty", "png", "zip", "pdf", "exe", "utf-16", "zeros", "other"],
)
def test_a_file_that_is_no_table_of_ours_is_refused_politely(
    cast: Cast, signed_in: SignedIn, path: str, content: bytes
) -> None:
    browser = signed_in(cast.administrator)
    file = (io.BytesIO(content), "../../people.csv")
    answer = browser.send(path, {"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
