"""Makes the first administrator of an empty program, once, for whoever can read the terminal."""

from __future__ import annotations

import hashlib
import hmac

from accounts.models import Role
from accounts.people import changing as people
from accounts.places import PROGRAM
from accounts.program.admin_queries import has_program_administrator
from accounts.sign_in.passwords import NewPassword
from core import audit
from core.errors import Conflict
from core.locks import hold

_LOCK = "first administrator"


class HasAdministrator(Conflict):
    """The program has an administrator, so nobody can make themselves the first one."""

    title = "Blockwise is set up already"

    def __init__(self) -> None:
        super().__init__("Sign in, or ask your administrator for an invitation.")


def first_run_code(secret: str | bytes) -> str:
    """The part of the link that only the terminal tells; nobody can compute it without SECRET_KEY.

    It is the same at every start: the link still works when the first one scrolled away.
    """
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, b"blockwise first administrator", hashlib.sha256).hexdigest()


def is_code(code: str, *, secret: str | bytes | None) -> bool:
    """Whether this is the code of this Blockwise; takes as long for any wrong one."""
    expected = first_run_code(secret) if secret else ""
    given = code.encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(given, expected.encode())


def create_first_administrator(
    *,
    name: str,
    email: str,
    new_password: NewPassword,
    address: str,
    counts_demo: bool,
) -> int:
    """Add the administrator and return the person's id; of two at the same moment one comes late.

    Raises HasAdministrator, or Taken when the email has an account already.
    """
    hold(_LOCK)
    if has_program_administrator(counts_demo=counts_demo):
        raise HasAdministrator
    with audit.acting(audit.Actor(None, f"{name} <{email}>", address)):
        person_id = people.add_person(email=email, name=name, new_password=new_password)
        people.give_role(person_id=person_id, role=Role.ADMINISTRATOR, place=PROGRAM)
    return person_id
