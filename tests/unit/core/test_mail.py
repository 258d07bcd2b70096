"""What a mail looks like and how a mail server is spoken to; a real one runs on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from core import mail, smtp
from tests.smtp_server import MailServer, mail_server, make_certificate

SENDER = mail.parse_sender("Blockwise <blockwise@example.org>")
BASE = {"SECRET_KEY": "s", "BLOCKWISE_MAIL_FROM": "Blockwise <blockwise@example.org>"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server(MailServer()) as running:
        yield running


def plain(port: int) -> smtp.Server:
    return smtp.parse_url(f"smtp://127.0.0.1:{port}?starttls=off")


def hello(to: str = "lead@example.org") -> mail.EmailMessage:
    return mail.write_message(SENDER, to=to, subject="Grüße", text="Hello\n\nhttps://b.example/x\n")


def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    smtp.deliver(plain(server.port), hello())
    (message,) = server.messages
    assert message["To"] == "lead@example.org"
    assert message["From"] == "Blockwise <blockwise@example.org>"
    assert message["Subject"] == "Grüße"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == "Hello\n\nhttps://b.example/x\n"


def test_a_name_cannot_add_a_header() -> None:
    message = mail.write_message(
        SENDER, to="a@example.org", subject="Hi\r\nBcc: all@example.org\0", text="x"
    )
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: all@example.org"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "@",
        "a@b.org\r\nBcc: c@d.org",
        "a@b.org, c@d.org",
        "a@b.org>\r\nRCPT TO:<c@d.org",
        "A <a@b.org>",
    ],
)
def test_what_is_no_single_address_gets_no_mail(to: str) -> None:
    with pytest.raises(smtp.Undeliverable):
        mail.write_message(SENDER, to=to, subject="x", text="x")


def test_tls_is_required_unless_switched_off(server: MailServer) -> None:
    required = smtp.parse_url(f"smtp://127.0.0.1:{server.port}")
    with pytest.raises(smtp.TemporarilyUndeliverable, match="does not offer"):
        smtp.deliver(required, hello())
    assert server.messages == []


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = make_certificate(tmp_path)
    with mail_server(MailServer(offers_starttls=True, context=context)) as server:
        secured = smtp.parse_url(f"smtp://localhost:{server.port}")
        with pytest.raises(smtp.TemporarilyUndeliverable, match="SSLCertVerificationError"):
            smtp.deliver(secured, hello())
        assert server.messages == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        smtp.deliver(secured, hello())
        assert server.secured == [True]
        assert "with TLS, without sign-in" in smtp.check_connection(secured)


def test_refusals_are_sorted_and_name_no_address(server: MailServer) -> None:
    server.answers = ["450 <lead@example.org> later", "550 <lead@example.org> unknown"]
    with pytest.raises(smtp.TemporarilyUndeliverable, match=r"refused the address \(450\)$"):
        smtp.deliver(plain(server.port), hello())
    with pytest.raises(smtp.Undeliverable, match=r"refused the address \(550\)$"):
        smtp.deliver(plain(server.port), hello())


def test_a_server_that_is_down_may_come_back() -> None:
    with mail_server(MailServer()) as gone:
        port = gone.port
    with pytest.raises(smtp.TemporarilyUndeliverable, match="ConnectionRefusedError"):
        smtp.check_connection(plain(port))


def test_settings_of_a_mail_server() -> None:
    env = {**BASE, "BLOCKWISE_SMTP_URL": "smtp://me%40x.org:p%2Fw@mail.example.org"}
    mailbox = config.from_environment(env).mailbox
    assert mailbox is not None
    assert mailbox.server == smtp.Server("mail.example.org", 587, "me@x.org", "p/w", False, True)
    assert "p/w" not in repr(mailbox)
    assert smtp.parse_url("smtps://mail.example.org").port == 465
    assert config.from_environment({"SECRET_KEY": "s"}).mailbox is None


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://mail.example.org?starttls=off",
        "smtp://mail.example.org?starttls=maybe",
        "smtp://mail.example.org?tls=no",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org:99999",
        "smtp://[::1",
    ],
)
def test_a_wrong_mail_server_is_refused_by_name(url: str) -> None:
    with pytest.raises(config.SettingsError, match=r"^BLOCKWISE_SMTP_URL "):
        config.from_environment({**BASE, "BLOCKWISE_SMTP_URL": url})


@pytest.mark.parametrize("sender", ["", "Blockwise", "a@b@c", "Blockwise <x>"])
def test_a_wrong_sender_is_refused_by_name(sender: str) -> None:
    env = {**BASE, "BLOCKWISE_SMTP_URL": "smtps://mail.example.org", "BLOCKWISE_MAIL_FROM": sender}
    with pytest.raises(config.SettingsError, match=r"^BLOCKWISE_MAIL_FROM "):
        config.from_environment(env)
