"""Speaks to the mail server: TLS with a checked certificate, or none on this machine only."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PORTS = {"smtp": 587, "smtps": 465}


class Undeliverable(Exception):
    """The mail server will not take this message (5xx), or it cannot be written at all."""


class TemporarilyUndeliverable(Exception):
    """The mail server cannot be reached, or takes nothing just now (4xx)."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls_at_once: bool
    starttls: bool


def parse_url(url: str) -> Server:
    """smtp://[user:password@]host[:port][?starttls=off] or smtps://…; raises ValueError."""
    address = urlsplit(url)
    options = parse_qs(address.query, keep_blank_values=True)
    starttls = options.pop("starttls", ["required"])[-1]
    if address.scheme not in PORTS or not address.hostname:
        raise ValueError("must look like smtp://user:password@mail.example.org:587")
    if options or address.path.strip("/") or starttls not in {"required", "off"}:
        raise ValueError("takes no other option than starttls=required or starttls=off")
    at_once = address.scheme == "smtps"
    if starttls == "off" and not at_once and address.hostname not in LOOPBACK:
        raise ValueError("may switch TLS off for a mail server on this machine only")
    return Server(
        host=address.hostname,
        port=address.port or PORTS[address.scheme],
        user=unquote(address.username) if address.username else None,
        password=unquote(address.password) if address.password else None,
        tls_at_once=at_once,
        starttls=starttls == "required" and not at_once,
    )


def deliver(server: Server, message: EmailMessage) -> None:
    """Hand one message over. Raises Undeliverable or TemporarilyUndeliverable.

    Their texts name the answer code only: what a mail server says may repeat the address.
    """
    with _explained(), _connected(server) as connection:
        connection.send_message(message)


def check_connection(server: Server) -> str:
    """Connect, agree on TLS, sign in and leave; one sentence on what was found.

    Raises Undeliverable or TemporarilyUndeliverable.
    """
    with _explained(), _connected(server) as connection:
        connection.noop()
    security = "TLS" if server.tls_at_once or server.starttls else "no TLS (on this machine)"
    signed_in = "signed in" if server.user else "without sign-in"
    return f"{server.host}:{server.port} answers with {security}, {signed_in}"


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.tls_at_once:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    with connection:
        connection.ehlo()
        if server.starttls:
            connection.starttls(context=context)
            connection.ehlo()
        if server.user is not None:
            connection.login(server.user, server.password or "")
        yield connection


@contextmanager
def _explained() -> Iterator[None]:
    """Sort what smtplib raises into what may pass and what will not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        raise _refused("the address", codes[0] if codes else 550) from error
    except smtplib.SMTPDataError as error:
        raise _refused("the message", error.smtp_code) from error
    except smtplib.SMTPResponseException as error:
        # whoever runs Blockwise or the mail server can put this right: the mail waits for it
        what = f"{type(error).__name__} {error.smtp_code}"
        raise TemporarilyUndeliverable(f"the mail server refused us ({what})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise TemporarilyUndeliverable(
            "the mail server does not offer what the settings require (TLS, or sign-in)"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporarilyUndeliverable(
            f"the mail server cannot be reached ({type(error).__name__})"
        ) from error


def _refused(what: str, code: int) -> Undeliverable | TemporarilyUndeliverable:
    said = f"the mail server refused {what} ({code})"
    return Undeliverable(said) if 500 <= code < 600 else TemporarilyUndeliverable(said)
