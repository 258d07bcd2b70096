"""Mail: plain text, queued with what causes it, sent by a worker when a mail server is set.

Without one (`is_configured()` is False) every flow shows its link to be copied instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any

from flask import Flask, current_app

from core import clock, jobs, smtp

KIND = "mail"
LONGEST_SUBJECT = 200
_EXTENSION = "blockwise_mail"
# what the parser of the standard library raises, depending on where it stumbles
_NO_ADDRESS = (ValueError, IndexError, MessageError)


class MailNotConfigured(RuntimeError):
    """No mail server is set (BLOCKWISE_SMTP_URL)."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mail server and the address that our mail comes from."""

    server: smtp.Server
    sender: Address


def init_app(app: Flask, mailbox: Mailbox | None) -> None:
    """Remember the mail server of this application; None when there is none."""
    app.extensions[_EXTENSION] = mailbox


def is_configured() -> bool:
    """Whether mail can be sent; if not, show links to copy."""
    return current_app.extensions.get(_EXTENSION) is not None


def queue_mail(
    *, to: str, subject: str, text: str, secret: str | bytes, dedupe_key: str | None = None
) -> None:
    """Send a mail after this transaction has been committed; never raises for its contents.

    `text` is plain text, `secret` the application's key. While a mail with the same `dedupe_key`
    still waits, no second one is added.
    """
    payload = {"to": to, "subject": subject, "text": text}
    jobs.enqueue(KIND, payload, secret=secret, dedupe_key=dedupe_key)


def send_queued(payload: Mapping[str, Any]) -> None:
    """The worker's part: hand one queued mail to the mail server.

    Raises jobs.TryLater or jobs.GiveUp.
    """
    try:
        mailbox = _mailbox()
        message = write_message(mailbox.sender, **payload)
        smtp.deliver(mailbox.server, message)
    except (MailNotConfigured, smtp.TemporarilyUndeliverable) as error:
        raise jobs.TryLater(str(error)) from error
    except smtp.Undeliverable as error:
        raise jobs.GiveUp(str(error)) from error


def check_connection() -> str:
    """One sentence on the mail server, for `flask doctor`.

    Raises MailNotConfigured, smtp.TemporarilyUndeliverable or smtp.Undeliverable.
    """
    return smtp.check_connection(_mailbox().server)


def write_message(sender: Address, *, to: str, subject: str, text: str) -> EmailMessage:
    """The message as it goes out. Raises smtp.Undeliverable when the address is none."""
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(addr_spec=to)
    except _NO_ADDRESS as error:
        raise smtp.Undeliverable("the address is not one that mail can be sent to") from error
    message["From"] = sender
    message["Subject"] = _one_line(subject)[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=sender.domain)
    # keeps vacation notices from answering a machine (RFC 3834)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message


def parse_sender(text: str) -> Address:
    """`Name <address>` or an address alone; raises ValueError."""
    name, opening, rest = text.strip().rpartition("<")
    spec = rest.removesuffix(">") if opening else text.strip()
    try:
        address = Address(display_name=_one_line(name.strip().strip('"')), addr_spec=spec)
    except _NO_ADDRESS as error:
        raise ValueError("must be an address, like Blockwise <blockwise@example.org>") from error
    if not address.domain:
        raise ValueError("must be an address, like Blockwise <blockwise@example.org>")
    return address


def _mailbox() -> Mailbox:
    mailbox: Mailbox | None = current_app.extensions.get(_EXTENSION)
    if mailbox is None:
        raise MailNotConfigured("no mail server is set (BLOCKWISE_SMTP_URL)")
    return mailbox


def _one_line(text: str) -> str:
    """No header can be added by what somebody typed into a name."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
