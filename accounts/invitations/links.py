"""What the inviting person hands on: the address of a link, a message with it, and the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, render_template, url_for
from markupsafe import Markup

from accounts.invitations import inviting as invitations
from accounts.invitations.inviting import Invitee, NewLink
from accounts.role_words import NAMES
from core import mail
from core.days import day
from core.qr import qr_code


@dataclass(frozen=True, slots=True)
class Link:
    """One invitation with everything a page, a slip or a file shows of it."""

    invitee: Invitee
    secret: str
    address: str
    expires_at: datetime
    replaced: bool = False
    mailed: bool = False

    @property
    def who(self) -> str:
        return self.invitee.name or self.invitee.email

    @property
    def role_name(self) -> str:
        return NAMES[self.invitee.role]

    @property
    def qr(self) -> Markup:
        return qr_code(self.address, title=f"QR code with the link for {self.who}")

    @property
    def valid_until(self) -> str:
        return day(self.expires_at)


def address_of(secret: str) -> str:
    """The whole address that the invited person opens."""
    path = url_for("accounts.invitation", invitation_secret=secret)
    return f"{current_app.config['BASE_URL']}{path}"


def hand_on(made: NewLink, *, invited_by: str) -> Link:
    """The link of an invitation just made; it is also mailed when a mail server is set."""
    link = Link(
        invitee=made.invitee,
        secret=made.secret,
        address=address_of(made.secret),
        expires_at=made.expires_at,
        replaced=made.replaced,
        mailed=mail.is_configured(),
    )
    if link.mailed:
        mail.queue_mail(
            to=made.invitee.email,
            subject=f"You are invited to Blockwise: {made.invitee.place.name}",
            text=message(link, invited_by=invited_by),
            secret=str(current_app.secret_key),
        )
        invitations.note_mailed(made.token_id)
    return link


def message(link: Link, *, invited_by: str) -> str:
    """The text of the mail, also for pasting into one's own."""
    return render_template(
        "emails/invitation.txt",
        name=link.invitee.name,
        role=link.invitee.role,
        place=link.invitee.place.name,
        invited_by=invited_by,
        link=link.address,
        valid_until=link.valid_until,
    ).strip()
