"""A real browser goes to a provider on another site and comes back, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Page, Route, expect

from accounts.sign_in import sign_ins
from accounts.sso import round_trip
from accounts.sso.oidc import Registration
from core.db import db
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, fake_provider


@pytest.fixture
def provider(site: Site) -> Iterator[FakeProvider]:
    key = RSAKey.generate_key(2048, {"kid": "key-1", "use": "sig"}, private=True)
    with fake_provider(key) as running:
        # another name, so that the browser takes it for another site, as it would be
        running.issuer = running.issuer.replace("127.0.0.1", "localhost")
        running.return_address = f"{site.url}/sign-in/sso/return"
        running.claims = {"email": "member@example.org", "email_verified": True}
        registration = Registration(
            issuer=running.issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            label="North Health",
            links_by_email=True,
            return_address=running.return_address,
        )
        round_trip.init_app(site.app, registration)
        yield running


def test_what_was_typed_survives_the_way_to_another_site_and_back(
    site: Site, phone: Page, provider: FakeProvider
) -> None:
    site.sign_in(phone, site.cast.member)
    phone.goto(f"{site.url}/account")
    phone.get_by_label("Name", exact=True).fill("Sam Lee")
    with site.app.app_context():
        sign_ins.end_all_sign_ins(site.cast.member)
        db.session.commit()
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.get_by_text("Your answers are kept").first).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Sign in with North Health").click()
    expect(phone.get_by_role("heading", name="Save your answers")).to_be_visible()
    phone.get_by_role("button", name="Save my answers").click()
    expect(phone.get_by_label("Name", exact=True)).to_have_value("Sam Lee")
    assert provider.seen.count("/token") == 1


def test_it_works_without_scripts(site: Site, browser: Browser, provider: FakeProvider) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/sign-in?next=/help")
    page.get_by_role("button", name="Sign in with North Health").click()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{site.url}/help")
    context.close()


def test_the_pages_on_the_way_look_right(site: Site, phone: Page, provider: FakeProvider) -> None:
    def stay(route: Route) -> None:
        route.fulfill(status=204)

    phone.route("**/authorize?*", stay)
    phone.goto(f"{site.url}/sign-in")
    phone.get_by_role("button", name="Sign in with North Health").click()
    expect(phone.get_by_role("heading", name="Sign in with North Health")).to_be_visible()
    assert_accessible(phone)
    phone.route("**/send_at_once.js", lambda route: route.abort())
    phone.goto(f"{site.url}/sign-in/sso/return?code=a&state=b")
    expect(phone.get_by_role("heading", name="Finish signing in")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_text("Start again").first).to_be_visible()
    site.sign_in(phone, site.cast.member)
    phone.goto(f"{site.url}/account/single-sign-on")
    assert_accessible(phone)
