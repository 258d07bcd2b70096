"""A form sent after its sign-in ended comes back whole: nothing that was typed may be lost.

What was typed travels as hidden fields through the sign-in page and is then offered for sending
again, with a button: it is never sent by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.forms import SignInForm
from core.headers import has_secret_address

HiddenFields = Sequence[tuple[str, str]]

# pages on the way in: another form may travel through them, and must survive an old page
WAYS_IN = frozenset(
    {
        "accounts.sign_in_post",
        "accounts.second_factor_post",
        "accounts.sign_in_with_passkey",
        "accounts.single_sign_on",
    }
)

# a password is typed again rather than printed into a page
SECRETS = frozenset({"csrf_token", "password", "new_password", "proof", "passkey"})

_PREFIX = "resume-"
_PATH = _PREFIX + "path"
_FIELD = _PREFIX + "field-"


def typed_fields() -> HiddenFields:
    """What the request carries of a form, but for its token and passwords."""
    return [pair for pair in request.form.items(multi=True) if pair[0] not in SECRETS]


def carry(path: str, typed: HiddenFields) -> HiddenFields:
    """Hidden fields that bring a form through the sign-in page."""
    return [(_PATH, path), *((_FIELD + name, value) for name, value in typed)]


def carried(fields: Iterable[tuple[str, str]]) -> HiddenFields:
    """Those of the fields that bring another form along."""
    return [pair for pair in fields if pair[0].startswith(_PREFIX)]


def is_from_elsewhere() -> bool:
    """Whether another site sent this form; it gets no button of ours to send it again."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"cross-site", "same-site"}
    # old browsers, and all of them where the address is not https
    origin = request.headers.get("Origin")
    if origin is None or (origin == "null" and has_secret_address()):
        return False  # our own pages with a secret in their address do not say where they are
    own = {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}
    return origin.partition("://")[2] not in own


def render_sign_in(
    *, form: SignInForm | None = None, resume: HiddenFields = (), next_path: str = ""
) -> str:
    """The sign-in page; `resume` are the fields of a form that was sent after the session ended."""
    form = form or SignInForm(formdata=None)
    return render_template(
        "accounts/sign_in.html",
        form=form,
        resume=resume,
        next=next_path or request.values.get("next", ""),
        has_errors=bool(form.errors),
    )


def render_old_form(path: str, typed: HiddenFields) -> str:
    """A form whose page was opened before the present sign-in, with a button that sends it now."""
    if path not in {url_for(endpoint) for endpoint in WAYS_IN}:
        return render_template("accounts/resume.html", path=path, fields=typed, was_old=True)
    form = SignInForm()
    form.form_errors.append("This page was open too long. Enter your password again.")
    return render_sign_in(form=form, resume=carried(typed))


def render_resume(resume: HiddenFields) -> str | Response:
    """After sign-in: the form that was brought along, with a button that sends it."""
    path = dict(resume).get(_PATH)
    if not is_local_path(path):
        return redirect(url_for("pages.home"))
    fields = [(name.removeprefix(_FIELD), value) for name, value in resume if _FIELD in name]
    return render_template("accounts/resume.html", path=path, fields=fields)


def is_local_path(path: str | None) -> bool:
    """Whether a redirect target stays on this site."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return False
    # browsers leave tabs and line ends out, and then the rest may begin with // after all
    return not any(sign < " " for sign in path)
