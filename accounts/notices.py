"""Tells people by mail that the way they sign in has changed, so that they notice a stranger.

NIST SP 800-63B-4, section 4.6, asks for it. Without a mail server nothing is sent; the log of who
did what has each change as well.
"""

from __future__ import annotations

from enum import StrEnum

from flask import current_app

from accounts.factors import queries as factor_queries
from core import clock, mail
from core.days import day

SUBJECT = "The way you sign in to Blockwise has changed"


class Change(StrEnum):
    """What happened, in the words of the mail."""

    CODES_ON = "Codes from an authenticator app are now asked for after the password."
    CODES_OFF = "Codes from an authenticator app are no longer asked for."
    RECOVERY_CODE_USED = "Somebody signed in with your password and one of your recovery codes."
    PASSKEY_ADDED = "A passkey was added to your account."
    PASSKEY_REMOVED = "A passkey was removed from your account."
    SIGN_ON_LINKED = "An account of your organization now signs you in here (single sign-on)."
    SIGN_ON_UNLINKED = "An account of your organization no longer signs you in here."
    TOKEN_MADE = "A token was made: programs can now read scores for you."  # noqa: S105 # nosec B105
    PASSWORD_CHANGED = "Your password was changed."  # noqa: S105 # nosec B105 # words for people
    EMAIL_CHANGED = "An administrator changed the email that you sign in with."
    REMOVED_BY_ADMINISTRATOR = (
        "An administrator removed your second factor, your recovery codes and your passkeys."
    )


def tell(person_id: int, change: Change) -> None:
    """Queue the mail in the present transaction, where mail can be sent."""
    if not mail.is_configured():
        return
    person = factor_queries.get_addressee(person_id)
    words = current_app.jinja_env.get_template("emails/sign_in_changed.txt")
    text = words.render(
        name=person.name, change=change.value, on=day(clock.today()), email=person.email
    )
    mail.queue_mail(
        to=person.email, subject=SUBJECT, text=text, secret=current_app.secret_key or ""
    )
