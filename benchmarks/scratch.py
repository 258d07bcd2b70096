"""An application on a scratch database, and browsers that somebody is signed in to it with."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from accounts.models import Method
from accounts.sign_in import sign_ins
from config import Settings

SECRET = "benchmark only, of a scratch database"  # noqa: S105 - protects nothing


def settings_on(url: str) -> Settings:
    """Settings of an application on the database."""
    return Settings(
        database_url=url,
        secret_key=SECRET,
        base_url="http://127.0.0.1",
        demo=False,
        secure_cookies=False,
    )


def sign_in(client: FlaskClient, person_id: int) -> None:
    """Sign the client in as this person. In the context of the application, which commits."""
    with client.session_transaction() as session:
        session.permanent = True
        session["sign_in"] = sign_ins.start(person_id, method=Method.PASSWORD)


def cookies_of(app: Flask, person_id: int) -> dict[str, str]:
    """The cookies of a browser on which this person is signed in. In the same context."""
    client = app.test_client()
    sign_in(client, person_id)
    return cookies_in(client)


def cookies_in(client: FlaskClient) -> dict[str, str]:
    """The cookies of a client that is signed in."""
    cookie = client.get_cookie("blockwise")
    if cookie is None:
        raise RuntimeError("there is no cookie")
    return {cookie.key: cookie.value}
