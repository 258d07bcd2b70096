"""Settings, read once from the environment and checked before anything starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import click

from accounts.sso import oidc
from accounts.sso import settings as oidc_settings
from core import hosts, mail, secret_key, smtp

ROOT = Path(__file__).resolve().parent
DATA_FOLDER = ROOT / "instance"
SECRET_KEY_FILE = DATA_FOLDER / "secret_key"


Parsed = TypeVar("Parsed")


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
    single_sign_on: oidc.Registration | None = None
    # names besides the base URL's under which we answer, and how many proxies stand before us
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    # whether browsers keep the rating pages for use without a connection
    offline: bool = True

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach us."""
        return _is_local(self.base_url)

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Every name under which we answer; names of this machine only when it is ours alone."""
        own = hosts.LOOPBACK if self.is_local else (urlsplit(self.base_url).hostname or "",)
        return (*own, *self.hosts)

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read DATABASE_URL, SECRET_KEY and what begins with BLOCKWISE_.

    Raises SettingsError when one of them cannot be used.
    """
    env = os.environ if environ is None else environ
    base_url = _base_url(env)
    demo = env.get("BLOCKWISE_DEMO", "") == "1"
    if demo and not _is_local(base_url):
        raise SettingsError(
            "BLOCKWISE_DEMO=1 lets anyone sign in, so it works on this machine only: "
            "set BLOCKWISE_BASE_URL to http://127.0.0.1:PORT or unset BLOCKWISE_DEMO"
        )
    return Settings(
        database_url=_database_url(env),
        secret_key=_secret_key(env, base_url),
        base_url=base_url,
        demo=demo,
        secure_cookies=base_url.startswith("https://"),
        mailbox=_mailbox(env),
        single_sign_on=_single_sign_on(env, base_url),
        hosts=_checked(env, "BLOCKWISE_HOSTS", "", hosts.parse_names),
        proxies=_checked(env, "BLOCKWISE_PROXIES", "0", hosts.parse_proxies),
        offline=_checked(env, "BLOCKWISE_OFFLINE", "on", _on_or_off),
    )


def _base_url(env: Mapping[str, str]) -> str:
    url = env.get("BLOCKWISE_BASE_URL", "http://127.0.0.1:5000").rstrip("/")
    try:
        address = urlsplit(url)
        hosts.parse_names(address.hostname or "")
        usable = address.scheme in {"http", "https"} and address.hostname and address.port != 0
    except ValueError:
        usable = False
    if not usable or address.path or address.query or address.username:
        raise SettingsError(
            "BLOCKWISE_BASE_URL must be the address people type, like https://blockwise.example.org"
        )
    return url


def _is_local(base_url: str) -> bool:
    return urlsplit(base_url).hostname in hosts.LOOPBACK


def _checked(
    env: Mapping[str, str], name: str, default: str, parse: Callable[[str], Parsed]
) -> Parsed:
    try:
        return parse(env.get(name, "").strip() or default)
    except ValueError as error:
        raise SettingsError(f"{name} {error}") from error


def _on_or_off(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError(f"must be on or off, not {text!r}")
    return text == "on"


def _secret_key(env: Mapping[str, str], base_url: str) -> str:
    key = env.get("SECRET_KEY") or _kept_secret_key()
    if not _is_local(base_url) and (weakness := secret_key.weakness(key)):
        raise SettingsError(
            f"SECRET_KEY {weakness}. Whoever guesses it can sign in as anybody. Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return key


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


def _single_sign_on(env: Mapping[str, str], base_url: str) -> oidc.Registration | None:
    try:
        return oidc_settings.read_registration(env, base_url=base_url)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _kept_secret_key() -> str:
    """The key made at the first start; without it every restart would sign everybody out."""
    path = SECRET_KEY_FILE
    if not path.exists():
        DATA_FOLDER.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
