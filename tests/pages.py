"""A test client that looks at every page it gets: sound HTML, unique ids, a title, safe forms."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.models import Method
from accounts.sign_in import sign_ins
from core.db import db

HTML = "{http://www.w3.org/1999/xhtml}"
TOKEN = re.compile(r'((?:name="csrf_token"[^>]*? value|name="csrf-token" content)=")[\w.-]+"')
_found_sound: set[bytes] = set()
"""Of each page found sound, a hash of its text but for the token: most come again and again."""


class PageError(AssertionError):
    """A page came that no browser should get."""


class CheckingClient(FlaskClient):
    """FlaskClient that checks each HTML answer and can post with a CSRF token."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303, 308}:
            check_page(response)
        return response

    def send(
        self, path: str, fields: dict[str, Any] | None = None, *, page: str | None = None, **kw: Any
    ) -> TestResponse:
        """POST the fields with the CSRF token found on `page` (by default any page with a form)."""
        return self.post(path, data={**(fields or {}), "csrf_token": self.csrf_token(page)}, **kw)

    def csrf_token(self, page: str | None = None) -> str:
        # the page of a form is looked at like any other; the help page is so in a test of its own
        html = (self.get(page) if page else FlaskClient.open(self, "/help")).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html) or re.search(
            r'name="csrf-token" content="([^"]+)"', html
        )
        if found is None:
            raise PageError(f"no CSRF token on {page or '/help'}")
        return found.group(1)


class QuickClient(CheckingClient):
    """For walks over all pages: other tests look at them, and so many would be slow to parse."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return FlaskClient.open(self, *args, **kwargs)


def words_of(html: str) -> str:
    """The text without its markup, one space between words."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def text_of(browser: FlaskClient, path: str) -> str:
    """The words of a page that must come."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return words_of(answer.get_data(as_text=True))


def check_page(response: TestResponse) -> None:
    """Raise PageError for what is wrong with the page."""
    problems = _problems(response.get_data(as_text=True))
    if "Content-Security-Policy" not in response.headers:
        problems.append("no Content-Security-Policy")
    if problems:
        raise PageError(f"{response.request.path}: " + "; ".join(problems))


def _problems(text: str) -> list[str]:
    key = sha256(TOKEN.sub(r'\1"', text).encode()).digest()
    if key in _found_sound:
        return []
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=True)
    tree: ET.Element = parser.parse(text)
    problems = [f"{code} at {place}" for place, code, _details in parser.errors]
    ids = Counter(node.get("id") for node in tree.iter() if node.get("id"))
    problems += [f"id {name} stands {count} times" for name, count in ids.items() if count > 1]
    title = tree.find(f".//{HTML}title")
    if title is None or not (title.text or "").strip():
        problems.append("no title")
    if len(tree.findall(f".//{HTML}h1")) != 1:
        problems.append("there must be one h1")
    for node in tree.iter():
        problems += _node_problems(node, ids)
    if not problems:
        _found_sound.add(key)
    return problems


def _node_problems(node: ET.Element, ids: Counter[str | None]) -> list[str]:
    problems = []
    if node.get("style") is not None:
        problems.append(f"inline style on {node.tag}")
    if any(name.startswith("on") for name in node.attrib):
        problems.append(f"inline handler on {node.tag}")
    if (
        node.tag == f"{HTML}script"
        and not node.get("src")
        and node.get("type") != "application/json"
    ):
        problems.append("inline script")
    if node.tag == f"{HTML}form" and (node.get("method") or "get").lower() == "post":
        names = {field.get("name") for field in node.iter(f"{HTML}input")}
        if "csrf_token" not in names:
            problems.append(f"form to {node.get('action')} without csrf_token")
    if node.tag == f"{HTML}label" and node.get("for") and node.get("for") not in ids:
        problems.append(f"label for missing {node.get('for')}")
    for name in ("aria-labelledby", "aria-describedby"):
        problems += [
            f"{name} points at missing {target}"
            for target in (node.get(name) or "").split()
            if target not in ids
        ]
    return problems


def sign_in(client: FlaskClient, app: Flask, person_id: int) -> None:
    """Sign the client in as this person, as after a correct password."""
    with app.app_context():
        token = sign_ins.start(person_id, method=Method.PASSWORD)
        db.session.commit()
    with client.session_transaction() as session:
        session.clear()
        session.permanent = True
        session["sign_in"] = token
