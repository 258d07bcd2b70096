"""Signing in with an account elsewhere: who gets in, who does not, and nothing is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from accounts import service, tokens
from accounts.models import (
    Grant,
    Identity,
    KeptForm,
    Method,
    Person,
    Purpose,
    Role,
    SignIn,
    Token,
)
from accounts.sso import linking as sso
from accounts.sso import round_trip
from accounts.sso.oidc import Registration
from core import clock, jobs, mail, smtp, tenancy
from core.audit import AuditEvent
from core.db import db
from tests.cast import PASSWORD, Cast
from tests.oidc_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    RETURN_ADDRESS,
    FakeProvider,
    fake_provider,
    signed_by_another,
    signed_with_the_shared_secret,
    unsigned,
)
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
MEMBER = {"email": "Member@example.org", "email_verified": True}


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "key-1", "use": "sig"}, private=True)


@pytest.fixture
def provider(app: Flask, key: RSAKey) -> Iterator[FakeProvider]:
    with fake_provider(key) as running:
        _register(app, running)
        yield running


def _register(app: Flask, provider: FakeProvider, *, links_by_email: bool = True) -> None:
    registration = Registration(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        label="North Health",
        links_by_email=links_by_email,
        return_address=RETURN_ADDRESS,
    )
    round_trip.init_app(app, registration)


def leave(browser: CheckingClient, path: str = "/sign-in/sso", **fields: str) -> str:
    """Go to the provider; the address that the browser is sent to."""
    page = browser.send(path, fields, page="/sign-in" if path == "/sign-in/sso" else None)
    assert page.status_code == 200, page.text
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found is not None
    return html.unescape(found[1])


def come_back(browser: CheckingClient, address: str) -> TestResponse:
    """Follow the provider's redirect and send the form that the page holds."""
    path = address.removeprefix("http://127.0.0.1")
    page = browser.get(path)
    assert page.status_code == 200
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return browser.post(
        "/sign-in/sso/return", data={name: html.unescape(value) for name, value in fields}
    )


def sign_in(browser: CheckingClient, provider: FakeProvider, **fields: str) -> TestResponse:
    return come_back(browser, provider.authorize(leave(browser, **fields)))


def identities(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        rows = db.session.execute(select(Identity.person_id, Identity.subject))
        return [(row.person_id, row.subject) for row in rows]


def is_signed_in(browser: CheckingClient) -> bool:
    return browser.get("/account/single-sign-on").status_code == 200


def failures(app: Flask) -> list[str]:
    with app.app_context():
        action = AuditEvent.action == "person.sign_in_failed"
        return [after or "" for after in db.session.scalars(select(AuditEvent.after).where(action))]


def test_a_verified_email_finds_the_person_and_links_them(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    answer = sign_in(client, provider, next="/help?from=here")
    assert (answer.status_code, answer.location) == (302, "/help?from=here")
    assert is_signed_in(client)
    assert identities(app) == [(cast.member, "subject-1")]
    with app.app_context():
        method = db.session.scalars(select(SignIn.method)).one()
        actions = set(db.session.scalars(select(AuditEvent.action)))
    assert method == Method.SINGLE_SIGN_ON
    assert {"person.identity_linked", "person.signed_in"} <= actions


def test_people_are_told_by_mail_that_another_account_signs_them_in(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    nowhere = smtp.parse_url("smtp://127.0.0.1:9?starttls=off")
    mail.init_app(app, mail.Mailbox(nowhere, mail.parse_sender("blockwise@example.org")))
    provider.claims = MEMBER
    sign_in(client, provider)
    sign_in(app.test_client(), provider)  # type: ignore[arg-type]
    with app.app_context():
        queued = jobs.claim()
        assert queued is not None
        told = queued.payload(secret=app.secret_key or "")
        assert told["to"] == "member@example.org"
        assert "now signs you in" in told["text"]
        assert jobs.claim() is None, "once, not at every sign-in"


def test_later_the_subject_counts_and_not_the_email(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    sign_in(client, provider)
    provider.claims = {"email": "lead@example.org", "email_verified": True}
    other = app.test_client()
    sign_in(other, provider)  # type: ignore[arg-type]
    assert "Member" in other.get("/help").text
    assert identities(app) == [(cast.member, "subject-1")]


def test_the_sign_in_page_offers_it_only_when_it_is_set_up(
    app: Flask, client: CheckingClient
) -> None:
    assert "/sign-in/sso" not in client.get("/sign-in").text
    assert client.send("/sign-in/sso", page="/sign-in").location == "/sign-in"


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "guessed"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "http://127.0.0.1:1"},
    "another audience": {"aud": "somebody-else"},
    "two audiences": {"aud": [CLIENT_ID, "somebody-else"]},
    "another party": {"azp": "somebody-else"},
    "out of date": {"exp": 1_600_000_000},
    "from the future": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
    "an endless subject": {"sub": "s" * 300},
    "another access token": {"at_hash": "AAAA"},
}


def test_a_token_that_says_something_wrong_lets_nobody_in(
    app: Flask, cast: Cast, provider: FakeProvider
) -> None:
    for name, lie in LIES.items():
        browser: CheckingClient = app.test_client()  # type: ignore[assignment]
        provider.claims = {**MEMBER, **lie}
        answer = sign_in(browser, provider)
        assert answer.status_code == 422, name
        assert "did not work. Try again" in answer.text
        assert not is_signed_in(browser), name
    assert identities(app) == []
    assert set(failures(app)) == {'{"method": "single sign-on", "reason": "not proven"}'}
    assert len(failures(app)) == len(LIES)


def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    app: Flask, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    for sign in (signed_by_another, unsigned, signed_with_the_shared_secret):
        browser: CheckingClient = app.test_client()  # type: ignore[assignment]
        provider.sign = sign
        assert sign_in(browser, provider).status_code == 422, sign.__name__
        assert not is_signed_in(browser), sign.__name__


def test_a_new_key_of_the_provider_is_fetched(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    sign_in(client, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "key-2", "use": "sig"}, private=True)
    other = app.test_client()
    assert sign_in(other, provider).status_code == 302  # type: ignore[arg-type]
    assert provider.seen.count("/keys") == 2


STRANGERS: tuple[dict[str, Any], ...] = (
    {"email": "member@example.org", "email_verified": False},
    {"email": "member@example.org"},
    {"email": "member@example.org", "email_verified": "true"},
    {"email": "nobody@example.org", "email_verified": True},
    # the Kelvin sign, which is a k in small letters: somebody else's address at their provider
    {"email": "\N{KELVIN SIGN}im@example.org", "email_verified": True},
    {"email_verified": True},
)


def test_who_is_not_known_here_gets_a_plain_page_and_no_account(
    app: Flask, cast: Cast, provider: FakeProvider
) -> None:
    provider.user_info = {"sub": "subject-1"}
    with app.app_context():
        db.session.get_one(Person, cast.second_member).email = "kim@example.org"
        db.session.commit()
        people = db.session.scalar(select(func.count()).select_from(Person))
    for claims in STRANGERS:
        browser: CheckingClient = app.test_client()  # type: ignore[assignment]
        provider.claims = claims
        answer = sign_in(browser, provider)
        assert answer.status_code == 403, claims
        assert "Ask your clinic lead or your coach for an invitation" in answer.text
        assert not is_signed_in(browser)
    assert identities(app) == []
    assert all("Stranger" in failure for failure in failures(app))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Person)) == people


def test_an_email_that_only_the_user_information_tells_counts_too(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.user_info = {"sub": "subject-1", **MEMBER}
    assert sign_in(client, provider).status_code == 302
    assert identities(app) == [(cast.member, "subject-1")]


def test_user_information_about_somebody_else_does_not_count(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.user_info = {"sub": "subject-2", **MEMBER}
    assert sign_in(client, provider).status_code == 422


def test_who_is_invited_gets_the_account_and_every_role(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    roles = [(Role.MEMBER, cast.clinic), (Role.LEAD, cast.clinic), (Role.ADMINISTRATOR, None)]
    with app.app_context():
        for role, clinic in roles:
            tokens.issue(
                purpose=Purpose.INVITATION,
                email="new@example.org",
                lifetime=timedelta(days=1),
                role=role,
                organization_id=cast.organization if clinic else None,
                clinic_id=clinic,
            )
        db.session.commit()
    provider.claims = {"email": "new@example.org", "email_verified": True, "name": "Noa Newly"}
    assert sign_in(client, provider).status_code == 302
    assert "Noa Newly" in client.get("/help").text
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.email == "new@example.org")).one()
        held = set(db.session.scalars(select(Grant.role).where(Grant.person_id == person.id)))
        still_open = list(db.session.scalars(select(Token.role).where(Token.used_at.is_(None))))
    assert held == {Role.MEMBER, Role.LEAD}
    assert still_open == [Role.ADMINISTRATOR], "that one needs its link"


@pytest.mark.parametrize("role", [Role.COACH, Role.ADMINISTRATOR])
def test_an_invitation_offers_it_unless_it_could_not_be_accepted_so(
    app: Flask, client: CheckingClient, provider: FakeProvider, role: Role
) -> None:
    with app.app_context():
        _, secret = tokens.issue(
            purpose=Purpose.INVITATION,
            email="new@example.org",
            lifetime=timedelta(days=1),
            role=role,
        )
        db.session.commit()
    page = client.get(f"/invitation/{secret}")
    assert page.status_code == 200
    assert ('name="next" value="/start"' in page.text) == (role is Role.COACH)
    assert ("Sign in with North Health" in page.text) == (role is Role.COACH)


def test_administrators_of_the_program_are_never_found_by_email(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = {"email": "administrator@example.org", "email_verified": True}
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "link the account on your account page" in answer.text
    assert identities(app) == []


def test_nobody_with_a_second_factor_is_found_by_email(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    with app.app_context():
        mine = update(Person).where(Person.id == cast.member)
        db.session.execute(mine.values(totp_confirmed_at=clock.now()))
        db.session.commit()
    provider.claims = MEMBER
    assert sign_in(client, provider).status_code == 403


def test_email_finds_nobody_when_that_is_switched_off(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    _register(app, provider, links_by_email=False)
    provider.claims = MEMBER
    assert sign_in(client, provider).status_code == 403


def test_a_closed_account_stays_closed(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    with app.app_context():
        mine = update(Person).where(Person.id == cast.member)
        db.session.execute(mine.values(disabled_at=clock.now()))
        db.session.commit()
    provider.claims = MEMBER
    assert sign_in(client, provider).status_code == 403
    assert not is_signed_in(client)
    assert identities(app) == []


def test_a_return_counts_once_and_in_its_own_browser_only(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    back = provider.authorize(leave(client))
    other: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert "Start again" in come_back(other, back).text
    assert not is_signed_in(other)
    assert come_back(client, back).status_code == 302
    with app.app_context():
        db.session.execute(update(SignIn).values(ended_at=clock.now()))
        db.session.commit()
    again = come_back(client, back)
    assert again.status_code == 422
    assert "Start again" in again.text
    assert not is_signed_in(client)


def test_two_windows_may_be_away_at_once(
    client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    first = provider.authorize(leave(client, next="/help?window=1"))
    provider.authorize(leave(client, next="/help?window=2"))
    assert come_back(client, first).location == "/help?window=1"


def test_a_return_that_comes_late_starts_again(
    client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    back = provider.authorize(leave(client))
    with clock.frozen_at(clock.now() + timedelta(hours=2)):
        assert "Start again" in come_back(client, back).text


def test_reading_the_return_address_does_nothing(
    client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    back = provider.authorize(leave(client))
    client.get(back.removeprefix("http://127.0.0.1"))
    assert "/token" not in provider.seen
    assert not is_signed_in(client)
    odd = client.get("/sign-in/sso/return?code=<script>&other=1&state=" + "a" * 5000)
    assert "<script>" not in odd.text.split("<main")[1].split("</main")[0]
    assert "aaaa" not in odd.text


TYPED = {"resume-path": "/assessments/1/rate/x", "resume-field-note": "typed before\nit ended"}


def test_what_was_typed_before_comes_back_after(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    address = leave(client, **TYPED)
    with app.app_context():
        assert "typed" not in db.session.scalars(select(KeptForm.sealed)).one()
    page = come_back(client, provider.authorize(address))
    assert page.status_code == 200
    assert 'action="/assessments/1/rate/x"' in page.text
    assert 'name="note" value="typed before\nit ended"' in page.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(KeptForm)) == 0


def test_a_form_sent_after_the_sign_in_ended_goes_all_the_way(
    app: Flask, cast: Cast, provider: FakeProvider
) -> None:
    browser: CheckingClient = app.test_client()  # type: ignore[assignment]
    sent = browser.post("/sign-out", data={"name": "Sam <Lee>", "csrf_token": "old"})
    assert sent.status_code == 401
    forms = sent.text.split('action="/sign-in/sso"')
    fields = re.findall(
        r'type="hidden" name="([^"]+)" value="([^"]*)"', forms[1].split("</form")[0]
    )
    provider.claims = MEMBER
    page = browser.post("/sign-in/sso", data={name: html.unescape(value) for name, value in fields})
    found = re.search(r'content="0; url=([^"]+)"', page.text)
    assert found is not None
    back = come_back(browser, provider.authorize(html.unescape(found[1])))
    assert 'name="name" value="Sam &lt;Lee&gt;"' in back.text


@pytest.mark.parametrize("how", ["canceled", "refused", "not known", "away"])
def test_what_was_typed_survives_a_sign_in_that_fails(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider, how: str
) -> None:
    back = provider.authorize(leave(client, next="/help", **TYPED))
    provider.claims = {"email": "nobody@example.org", "email_verified": True}
    if how == "canceled":
        state = re.search(r"state=[^&]+", back)
        assert state is not None
        back = f"{RETURN_ADDRESS}?error=access_denied&{state[0]}"
    elif how == "refused":
        provider.codes.clear()
    elif how == "away":
        provider.token_status = 503
    page = come_back(client, back)
    assert page.status_code == {"away": 503, "not known": 403}.get(how, 422)
    assert 'action="/sign-in"' in page.text
    assert 'name="resume-field-note" value="typed before\nit ended"' in page.text
    assert 'name="next" value="/help"' in page.text
    assert "<title>Error: " in page.text


def test_more_than_we_keep_stays_on_the_page(
    app: Flask, client: CheckingClient, provider: FakeProvider
) -> None:
    fields = {"resume-path": "/x", "resume-field-note": "a" * 600_000}
    page = client.send("/sign-in/sso", fields, page="/sign-in")
    assert page.status_code == 413
    assert "Sign in with your password instead" in page.text
    assert "a" * 600_000 in page.text


def test_an_old_page_loses_nothing(client: CheckingClient, provider: FakeProvider) -> None:
    page = client.post("/sign-in/sso", data={**TYPED, "csrf_token": "old"})
    assert page.status_code == 400
    assert 'name="resume-field-note" value="typed before\nit ended"' in page.text


def test_a_provider_that_is_down_gets_a_plain_page(
    app: Flask, client: CheckingClient, cast: Cast, key: RSAKey
) -> None:
    with fake_provider(key) as gone:
        _register(app, gone)
    page = client.send("/sign-in/sso", {"next": "/help"}, page="/sign-in")
    assert page.status_code == 503
    assert "does not answer" in page.text


def test_a_provider_that_goes_down_meanwhile_gets_a_plain_page(
    app: Flask, client: CheckingClient, cast: Cast, key: RSAKey
) -> None:
    with fake_provider(key) as running:
        _register(app, running)
        back = running.authorize(leave(client))
    assert come_back(client, back).status_code == 503


def test_a_provider_that_is_another_one_is_not_asked(
    app: Flask, client: CheckingClient, provider: FakeProvider
) -> None:
    real = provider.issuer
    provider.issuer = "https://evil.example"
    page = client.send("/sign-in/sso", page="/sign-in")
    assert page.status_code == 503
    provider.issuer = real


def test_no_transaction_is_open_while_the_provider_is_asked(
    app: Flask,
    client: CheckingClient,
    cast: Cast,
    provider: FakeProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answer = FakeProvider.answer

    def write_first(self: FakeProvider, *args: Any) -> tuple[int, Any]:
        # on SQLite this would wait for a request that writes
        with tenancy.whole_program(), app.app_context():
            service.create_organization(name=f"written meanwhile {len(asked)}")
            db.session.commit()
        asked.append(args[0])
        return answer(self, *args)

    monkeypatch.setattr(FakeProvider, "answer", write_first)
    provider.claims = MEMBER
    assert sign_in(client, provider).status_code == 302
    assert "/token" in asked


def test_people_link_and_unlink_their_account_themselves(
    app: Flask, cast: Cast, signed_in: SignedIn, provider: FakeProvider
) -> None:
    browser = signed_in(cast.administrator)
    provider.claims = {"email": "private@elsewhere.example", "email_verified": True}
    back = provider.authorize(leave(browser, "/account/single-sign-on"))
    assert come_back(browser, back).location == "/account/single-sign-on?saved=linked"
    assert identities(app) == [(cast.administrator, "subject-1")]
    fresh: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert sign_in(fresh, provider).status_code == 302
    page = browser.get("/account/single-sign-on")
    linked = re.search(r'name="linked" value="(\d+)"', page.text)
    assert linked is not None
    only = browser.send("/account/single-sign-on/unlink", {"linked": linked[1]})
    assert only.status_code == 409, "there would be no way in any more"
    with app.app_context():
        mine = update(Person).where(Person.id == cast.administrator)
        db.session.execute(mine.values(password_hash="set"))
        db.session.commit()
    gone = browser.send("/account/single-sign-on/unlink", {"linked": linked[1]})
    assert gone.location == "/account/single-sign-on?saved=unlinked"
    assert identities(app) == []


def test_nobody_unlinks_the_account_of_somebody_else(
    app: Flask, cast: Cast, client: CheckingClient, signed_in: SignedIn, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    sign_in(client, provider)
    with app.app_context():
        linked = sso.list_linked(cast.member)[0].id
    signed_in(cast.lead).send("/account/single-sign-on/unlink", {"linked": str(linked)})
    assert len(identities(app)) == 1


def test_an_account_of_somebody_else_is_not_linked(
    app: Flask, cast: Cast, client: CheckingClient, signed_in: SignedIn, provider: FakeProvider
) -> None:
    provider.claims = MEMBER
    sign_in(client, provider)
    browser = signed_in(cast.lead)
    back = provider.authorize(leave(browser, "/account/single-sign-on"))
    answer = come_back(browser, back)
    assert answer.status_code == 409
    assert "linked to somebody else" in answer.text
    assert identities(app) == [(cast.member, "subject-1")]


def test_linking_ends_with_the_person_who_began_it(
    app: Flask, cast: Cast, signed_in: SignedIn, provider: FakeProvider
) -> None:
    browser = signed_in(cast.lead)
    back = provider.authorize(leave(browser, "/account/single-sign-on"))
    browser.send("/sign-out")
    assert come_back(browser, back).status_code == 422
    assert identities(app) == []


def test_a_password_still_works_beside_it(
    app: Flask, client: CheckingClient, cast: Cast, provider: FakeProvider
) -> None:
    with app.app_context():
        service.create_person(email="robin@example.org", name="Robin", password=PASSWORD)
        db.session.commit()
    page = client.get("/sign-in").text
    assert "Sign in with North Health" in page
    fields = {"email": "robin@example.org", "password": PASSWORD}
    assert client.send("/sign-in", fields, page="/sign-in").status_code == 302
