"""A phone makes a passkey and signs in with it; the pages around it are fit for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import Person
from accounts.sign_in import passwords
from core import clock
from core.db import db
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible, follow
from tests.cast import PASSWORD
from tests.phone import with_phone


@pytest.fixture
def named_site(site: Site) -> str:
    """The address by name: browsers make no passkeys for a number."""
    url = site.url.replace("127.0.0.1", "localhost")
    site.app.config["BASE_URL"] = url
    with site.app.app_context():
        person = db.session.get_one(Person, site.cast.lead)
        person.password_hash = passwords.hash_password(PASSWORD)
        db.session.commit()
    return url


@pytest.fixture
def authenticator(phone: Page) -> Iterator[CDPSession]:
    """A screen lock that always says yes; passkeys stay in it."""
    session = phone.context.new_cdp_session(phone)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield session
    session.detach()


def enter_password(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("Email").fill("lead@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_phone_adds_a_passkey_and_signs_in_with_it(
    site: Site, named_site: str, phone: Page, authenticator: CDPSession
) -> None:
    enter_password(phone, named_site)
    expect(phone.get_by_role("link", name="Sign in")).to_have_count(0)
    phone.goto(f"{named_site}/account/passkeys")
    add = phone.get_by_role("button", name="Add a passkey")
    add.click()
    expect(phone).to_have_title("Error: Passkeys – Blockwise")
    phone.get_by_label("Name of the passkey").fill("My phone")
    add.click()
    expect(phone.get_by_role("heading", name="My phone")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_label("Name of the passkey").fill("Again")
    add.click()
    problem = phone.get_by_text("This device has a passkey for your account already.")
    expect(problem).to_be_visible()
    expect(add).to_be_focused()

    phone.context.clear_cookies()
    wanted = f"/clinics/{site.cast.clinic}"
    phone.goto(named_site + wanted)
    assert "/sign-in?next=" in phone.url
    assert_accessible(phone)
    phone.get_by_role("button", name="Sign in with a passkey").click()
    expect(phone.get_by_role("heading", level=1, name="Alder Clinic")).to_be_visible()
    assert phone.url == named_site + wanted


def test_a_form_typed_before_survives_a_passkey(
    site: Site, named_site: str, phone: Page, authenticator: CDPSession
) -> None:
    enter_password(phone, named_site)
    phone.goto(f"{named_site}/account/passkeys")
    phone.get_by_label("Name of the passkey").fill("My phone")
    phone.get_by_role("button", name="Add a passkey").click()
    expect(phone.get_by_role("heading", name="My phone")).to_be_visible()
    phone.get_by_text("Rename or remove").click()
    phone.get_by_label("New name").fill("Typed before")
    phone.context.clear_cookies()
    phone.get_by_role("button", name="Rename").click()
    expect(phone.get_by_text("will be saved after you sign in")).to_be_visible()
    phone.get_by_role("button", name="Sign in with a passkey").click()
    phone.get_by_role("button", name="Save my answers").click()
    expect(phone.get_by_role("heading", name="Typed before")).to_be_visible()


def test_a_person_who_says_no_reads_why_nothing_happened(
    named_site: str, phone: Page, authenticator: CDPSession
) -> None:
    phone.goto(f"{named_site}/sign-in")
    button = phone.get_by_role("button", name="Sign in with a passkey")
    button.click()
    expect(phone.get_by_text("No passkey was used.")).to_be_visible()
    expect(button).to_be_focused()
    assert_accessible(phone)


def test_the_second_factor_from_set_up_to_sign_in(site: Site, named_site: str, phone: Page) -> None:
    enter_password(phone, named_site)
    phone.goto(f"{named_site}/account/second-factor")
    assert_accessible(phone)
    phone.get_by_role("button", name="Set up an app").click()
    expect(phone.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    phone.get_by_text("Cannot scan it?").click()
    assert_accessible(phone)
    key = phone.get_by_label("Key", exact=True).input_value().replace(" ", "")
    phone.get_by_label("Code", exact=True).fill(pyotp.TOTP(key).at(clock.now()))
    phone.get_by_role("button", name="Turn on").click()
    codes = phone.get_by_label("Your 10 codes").input_value().split()
    assert len(codes) == 10
    assert_accessible(phone)
    follow(phone, phone.get_by_role("button", name="I have kept them"))
    assert_accessible(phone)
    follow(phone, phone.get_by_role("link", name="Turn off"))
    assert_accessible(phone)

    phone.context.clear_cookies()
    enter_password(phone, named_site)
    expect(phone.get_by_label("Code", exact=True)).to_be_focused()
    assert_accessible(phone)
    phone.get_by_text("Use a recovery code").click()
    phone.get_by_label("Recovery code").fill("WRONG")
    phone.get_by_role("button", name="Continue").click()
    expect(phone).to_have_title("Error: Enter your code – Blockwise")
    assert_accessible(phone)
    phone.get_by_label("Recovery code").fill(codes[0])
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_role("heading", level=1)).not_to_have_text("Enter your code")


def test_the_page_that_asks_who_is_there(site: Site, named_site: str, phone: Page) -> None:
    with_phone(site.app, site.cast.member)
    site.sign_in(phone, site.cast.member)
    phone.goto(f"{site.url}/account/confirm?next=/account/passkeys")
    assert_accessible(phone)
