"""How a new password is asked for: on the reset page, or at sign-in when the old one is too short.

Also writes the mail with the link; a worker does that, so that an unknown email takes no less time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, render_template
from wtforms import BooleanField

from accounts.sign_in import resets
from accounts.sign_in.password_forms import NewPasswordForm
from accounts.sign_in.resets import Reset
from core import mail
from core.worker import Handler

PLACEHOLDER = "the-secret"


class ResetForm(NewPasswordForm):
    """The new password, and whether other ways in outlive the old one."""

    keep_other_ways = BooleanField("I added them myself and still have them. Keep them.")


def form_for(reset: Reset, *, is_new: bool = False) -> ResetForm:
    """The form with the rules for this person; `is_new` leaves out what the request has sent."""
    form = ResetForm(formdata=None) if is_new else ResetForm()
    form.for_person(context=reset.words, second_factor=reset.has_second_factor)
    return form


def render_reset(
    *,
    secret: str,
    reset: Reset,
    form: ResetForm,
    fields: Sequence[tuple[str, str]] = (),
    was_short: bool = False,
) -> str:
    """The page; `fields` carry what was brought along, `was_short` explains why one comes here."""
    return render_template(
        "accounts/reset.html",
        secret=secret,
        reset=reset,
        form=form,
        fields=fields,
        was_short=was_short,
        has_errors=bool(form.errors),
    )


def send_link(payload: Mapping[str, Any]) -> None:
    """The worker's part: mail a link to the account with this email, if there is one."""
    made = resets.make_mailed_link(payload["email"], address=payload["address"])
    if made is None:
        return
    reset, secret = made
    words = current_app.jinja_env.get_template("emails/password_reset.txt")
    mail.queue_mail(
        to=reset.email,
        subject="Set a new password for Blockwise",
        text=words.render(
            name=reset.name, link=payload["link"].replace(PLACEHOLDER, secret), valid_for="1 hour"
        ),
        secret=current_app.secret_key or "",
    )


JOBS: Mapping[str, Handler] = {resets.KIND: send_link}
