"""The pages' half of every way in: one place makes a browser signed in, and sends it on.

For those who build a way in:

- `onward()` reads where the person wanted to go and what they had typed when their sign-in ran out.
  Pages on the way carry both as hidden fields: `{% for name, value in onward.fields %}`.
- `admit(account, method, onward())` after a right password or a reset: signs in, or asks for the
  code first when the person has a second factor.
- The code page (`accounts.second_factor`) asks `half_entered()` who is at the door (None: answer
  `start_again(onward())`) and ends with
  `finish_sign_in(half.person_id, Method.PASSWORD_AND_CODE, onward())`. It also registers how it is
  drawn in answer to the password, for people who bring a form along:
  `@entering.renders_code_page` on a function `(onward: Onward) -> str`.
- `finish_sign_in(person_id, method, onward())` signs in and returns the answer: the form that was
  brought along, the page that was wanted, or the start page. A passkey or single sign-on needs no
  second step of ours.
- `enter(person_id, method)` only signs in, for ways with an answer of their own.

All of them raise AccountClosed for people who were disabled.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from accounts.models import Method
from accounts.sign_in import known_browsers, resets, sign_ins, signing_in
from accounts.sign_in.forms import SignInForm
from accounts.sign_in.reset_pages import form_for, render_reset
from accounts.sign_in.resuming import (
    HiddenFields,
    carried,
    is_local_path,
    render_resume,
    render_sign_in,
)
from accounts.sign_in.signing_in import Account
from core import clock

CODE_WITHIN = timedelta(minutes=10)
# one sign-in of so many deletes old rows on its way, up to 50 of each kind
FORGET_EVERY = 20


@dataclass(frozen=True, slots=True)
class Onward:
    """Where somebody wanted to go, and the form they bring along."""

    next_path: str = ""
    resume: HiddenFields = ()

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Hidden fields that carry both through the next page."""
        return [*([("next", self.next_path)] if self.next_path else []), *self.resume]


@dataclass(frozen=True, slots=True)
class HalfEntered:
    """Who has shown the first of two factors lately, and how."""

    person_id: int
    method: Method


CodePage = Callable[[Onward], str]
_code_pages: list[CodePage] = []


def renders_code_page(render: CodePage) -> CodePage:
    """Decorator: this function draws the page that asks for the second factor."""
    _code_pages[:] = [render]
    return render


def onward() -> Onward:
    """What this request brings along."""
    return Onward(
        next_path=request.values.get("next", ""),
        resume=carried(request.form.items(multi=True)),
    )


def admit(account: Account, method: Method, onward: Onward) -> str | Response:
    """Sign in after the first factor was right, or ask for the second one."""
    if not account.has_second_factor:
        if account.password_is_short:
            return _ask_for_longer_password(account, onward)
        return finish_sign_in(account.person_id, method, onward)
    _leave_the_visit_before()
    session["half"] = [
        account.person_id,
        method.value,
        account.fingerprint,
        int(clock.now().timestamp()),
    ]
    if onward.resume:
        # a form of any size comes along: as hidden fields, for no cookie could hold it
        return _code_pages[0](onward)
    return redirect(url_for("accounts.second_factor", next=onward.next_path or None))


def half_entered() -> HalfEntered | None:
    """Who may show a second factor now: the first was right at most ten minutes ago.

    Reads the person (one statement): a password changed since, or a closed account, ends it.
    """
    kept = session.get("half")
    if not kept:
        return None
    person_id, method, fingerprint, since = kept
    account = signing_in.get_account(person_id)
    late = clock.now().timestamp() - since > CODE_WITHIN.total_seconds()
    if late or account is None or account.fingerprint != fingerprint:
        return None
    return HalfEntered(person_id, Method(method))


def start_again(onward: Onward) -> tuple[str, int]:
    """The sign-in page for somebody who took too long over the second factor."""
    form = SignInForm(formdata=None)
    form.form_errors.append("That took more than 10 minutes. Enter your password again.")
    return render_sign_in(form=form, resume=onward.resume), 401


def finish_sign_in(person_id: int, method: Method, onward: Onward | None = None) -> str | Response:
    """Sign in and answer: the form that was brought along, else the page that was wanted."""
    enter(person_id, method)
    if onward and onward.resume:
        return render_resume(onward.resume)
    target = onward.next_path if onward else ""
    return redirect(target if is_local_path(target) else url_for("pages.home"))


def enter(person_id: int, method: Method) -> None:
    """Make this browser one where the person is signed in; whoever was before is signed out.

    Nothing of the visit before is inherited. Raises AccountClosed.
    """
    token = sign_ins.start(
        person_id,
        method=method,
        address=request.remote_addr or "",
        browser=request.user_agent.string,
    )
    _leave_the_visit_before()
    if secrets.randbelow(FORGET_EVERY) == 0:
        sign_ins.forget_old_sign_ins()
        resets.forget_old_links()
    session["sign_in"] = token
    if method is not Method.DEMONSTRATION:
        known_browsers.remember(person_id)


def _leave_the_visit_before() -> None:
    if before := session.get("sign_in"):
        sign_ins.end(before)
    session.clear()
    session.permanent = True
    g.pop("viewer", None)


def _ask_for_longer_password(account: Account, onward: Onward) -> str:
    """The second factor is gone, and NIST lets a short password stand only beside one."""
    _token, secret = resets.make_reset_link(account.person_id, lifetime=resets.AT_SIGN_IN)
    reset = resets.get_reset(account)
    return render_reset(
        secret=secret,
        reset=reset,
        form=form_for(reset, is_new=True),
        fields=onward.fields,
        was_short=True,
    )
