"""Settings, read once from the environment and checked before anything starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click

from core import mail, smtp

ROOT = Path(__file__).resolve().parent
DATA_FOLDER = ROOT / "instance"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(click.ClickException, ValueError):
    """A setting is missing or wrong; the text names the variable and the fix."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one running Blockwise."""

    database_url: str
    secret_key: str
    base_url: str
    demo: bool
    secure_cookies: bool
    mailbox: mail.Mailbox | None = None

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read DATABASE_URL, SECRET_KEY and what begins with BLOCKWISE_.

    Raises SettingsError when one of them cannot be used.
    """
    env = os.environ if environ is None else environ
    base_url = env.get("BLOCKWISE_BASE_URL", "http://127.0.0.1:5000").rstrip("/")
    address = urlsplit(base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise SettingsError(
            "BLOCKWISE_BASE_URL must be the address people type, like https://blockwise.example.org"
        )
    demo = env.get("BLOCKWISE_DEMO", "") == "1"
    if demo and address.hostname not in LOOPBACK:
        raise SettingsError(
            "BLOCKWISE_DEMO=1 lets anyone sign in, so it works on this machine only: "
            "set BLOCKWISE_BASE_URL to http://127.0.0.1:PORT or unset BLOCKWISE_DEMO"
        )
    return Settings(
        database_url=_database_url(env),
        secret_key=env.get("SECRET_KEY") or _kept_secret_key(),
        base_url=base_url,
        demo=demo,
        secure_cookies=address.scheme == "https",
        mailbox=_mailbox(env),
    )


def _database_url(env: Mapping[str, str]) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{DATA_FOLDER / 'blockwise.db'}"
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"} and separator:
        return f"postgresql+psycopg://{rest}"
    if scheme in {"sqlite", "postgresql+psycopg"} and separator:
        return url
    raise SettingsError(
        "DATABASE_URL must start with sqlite:/// or postgresql://, "
        "for example postgresql://blockwise@localhost/blockwise"
    )


def _mailbox(env: Mapping[str, str]) -> mail.Mailbox | None:
    url = env.get("BLOCKWISE_SMTP_URL", "")
    if not url:
        return None
    try:
        server = smtp.parse_url(url)
    except ValueError as error:
        raise SettingsError(f"BLOCKWISE_SMTP_URL {error}") from error
    try:
        sender = mail.parse_sender(env.get("BLOCKWISE_MAIL_FROM", ""))
    except ValueError as error:
        raise SettingsError(f"BLOCKWISE_MAIL_FROM {error}") from error
    return mail.Mailbox(server, sender)


def _kept_secret_key() -> str:
    """The key made at the first start; without it every restart would sign everybody out."""
    path = DATA_FOLDER / "secret_key"
    if not path.exists():
        DATA_FOLDER.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
