"""A person sets a forgotten password on a phone, and signs out the browser they left behind."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from accounts import service
from accounts.models import Method
from accounts.sign_in import passwords, resets, sign_ins
from core.db import db
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible, follow
from tests.cast import PASSWORD

NEW = "violet harbor tractor nine"


def make_link(site: Site) -> str:
    with site.app.app_context():
        service.set_password(site.cast.lead, passwords.hashed(PASSWORD))
        _token, secret = resets.make_reset_link(site.cast.lead)
        db.session.commit()
    return f"{site.url}/reset/{secret}"


def test_a_forgotten_password_and_a_browser_left_behind(site: Site, phone: Page) -> None:
    link = make_link(site)
    phone.goto(f"{site.url}/sign-in")
    phone.get_by_role("link", name="Forgot your password?").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Set a new password")
    assert_accessible(phone)

    phone.goto(link)
    phone.get_by_label("New password").fill("lead lead lead lead")
    phone.get_by_role("button", name="Save the password").click()
    expect(phone.get_by_role("alert")).to_contain_text("Choose several unrelated words.")
    expect(phone).to_have_title("Error: Choose a new password – Blockwise")
    assert_accessible(phone)
    phone.get_by_label("New password").fill(NEW)
    phone.get_by_role("button", name="Save the password").click()
    expect(phone.locator(".menu")).to_contain_text("Lead")

    with site.app.app_context():
        sign_ins.start(
            site.cast.lead,
            method=Method.PASSWORD,
            address="203.0.113.9",
            browser="Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0",
        )
        db.session.commit()
    phone.goto(f"{site.url}/account")
    assert_accessible(phone)
    phone.get_by_role("button", name="Sign out Firefox on Windows").click()
    expect(phone.get_by_role("status")).to_contain_text("That browser is signed out")
    expect(phone.get_by_text("Firefox on Windows")).to_have_count(0)

    follow(phone, phone.get_by_role("link", name="Change your password"))
    assert_accessible(phone)
    phone.get_by_label("Current password").fill(NEW)
    phone.get_by_label("New password").fill(PASSWORD)
    phone.get_by_role("button", name="Save the password").click()
    expect(phone.get_by_role("status")).to_contain_text("Your new password is saved")
