"""The pages of administrators pass axe and fit a phone; a new program is set up by clicking."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from waitress.server import create_server

from accounts.program.first_run import first_run_code
from core.db import db
from tests import databases
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible, follow
from tests.cast import PASSWORD

FILE = """organization,clinic,study_code,state
North Health,Alder Clinic,N01,WA
North Health,Fir Clinic,N09,ZZ
"""


@pytest.fixture
def empty(sqlite_file: Path, tmp_path: Path) -> Iterator[tuple[str, Flask]]:
    """A Blockwise that nobody has set up: its address and application."""
    from app import create_app

    path = tmp_path / "empty.db"
    shutil.copy(sqlite_file, path)
    app = create_app(databases.settings_for(f"sqlite:///{path}"))
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}", app
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(timeout=5)
        with app.app_context():
            db.engine.dispose()


def test_a_new_program_is_set_up_from_the_link_to_the_first_invitation(
    empty: tuple[str, Flask], phone: Page
) -> None:
    url, app = empty
    phone.goto(f"{url}/first-run/{first_run_code(str(app.secret_key))}")
    assert_accessible(phone)
    phone.get_by_label("Your name").fill("Ada Admin")
    phone.get_by_label("Email").fill("ada@example.org")
    phone.get_by_label("New password").fill(PASSWORD)
    phone.get_by_role("button", name="Make my account").click()
    expect(phone.get_by_role("heading", name="Add your first organization")).to_be_visible()
    phone.get_by_label("Name of the organization").fill("West Health")
    phone.get_by_role("button", name="Add the organization").click()
    phone.get_by_role("link", name="Add a clinic").click()
    phone.get_by_label("Name of the clinic").fill("Main Street")
    phone.get_by_role("button", name="Add the clinic").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    assert_accessible(phone)
    phone.get_by_label("Study code").fill("W01")
    phone.get_by_role("button", name="Add the clinic").click()
    phone.get_by_role("link", name="Invite the lead").click()
    expect(phone.get_by_label("Email")).to_be_visible()


def test_the_pages_of_administrators_are_accessible(site: Site, phone: Page) -> None:
    cast = site.cast
    site.sign_in(phone, cast.administrator)
    for path in (
        "/admin",
        "/admin/organizations",
        f"/admin/organizations/{cast.organization}",
        "/admin/clinics?show=without-lead",
        f"/admin/clinics/{cast.clinic}/edit",
        f"/admin/clinics/{cast.clinic}/archive",
        "/admin/people",
        f"/admin/people/{cast.member}?saved=role",
        f"/clinics/{cast.clinic}/people",
    ):
        phone.goto(site.url + path)
        assert_accessible(phone)
        phone.emulate_media(color_scheme="dark")
        assert_accessible(phone)
        phone.emulate_media(color_scheme="light")


def test_a_file_is_mended_on_the_page_and_stored(site: Site, desk: Page) -> None:
    site.sign_in(desk, site.cast.administrator)
    desk.goto(f"{site.url}/admin/import")
    desk.get_by_label("Or paste the table here").fill(FILE)
    desk.get_by_role("button", name="Check the file").click()
    expect(desk.get_by_role("alert")).to_contain_text("Line 3, state")
    assert_accessible(desk)
    table = desk.get_by_label("Or paste the table here")
    table.fill(table.input_value().replace("ZZ", "WA"))
    follow(desk, desk.get_by_role("button", name="Check the file"))
    assert_accessible(desk)
    desk.get_by_role("button", name="Store 2 clinics").click()
    expect(desk.get_by_role("status")).to_contain_text("1 added, 1 changed, 0 as before")


def test_a_password_link_is_copied(site: Site, desk: Page) -> None:
    site.sign_in(desk, site.cast.administrator)
    desk.goto(f"{site.url}/admin/people/{site.cast.member}")
    follow(desk, desk.get_by_role("button", name="Make a password link"))
    assert_accessible(desk)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.get_by_role("button", name="Copy link").click()
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied == desk.get_by_label("Link", exact=True).input_value()
