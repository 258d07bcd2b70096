"""Hashing of passwords: argon2id at the strength OWASP names as enough for interactive use.

A hash takes 25 ms of one core and 19 MiB. All hashes of a process are made one after the other in
one thread that runs at low priority, so that many people who sign in at once do not slow down those
who rate. Call nothing here while a transaction has changed something: on SQLite the others would
wait. `accounts.signing_in` and `prepare` see to that.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.sign_in import password_rules
from core.db import db

# 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet; about 25 ms instead of 220 ms
PASSES, MEMORY_KIB, LANES = 2, 19 * 1024, 1
_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_LOW_PRIORITY = 10  # as `nice`: 0 is that of all other threads, 19 the lowest


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that is ready to be stored; `is_short`: too short without a second factor."""

    password_hash: str
    is_short: bool


def prepare(password: str) -> NewPassword:
    """Hash a password that password_rules took, before the transaction that stores it begins.

    Ends the transaction of what was read until now. Raises RuntimeError when something was changed
    in it already: that would be undone.
    """
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("prepare the password before anything is changed")
    db.session.rollback()
    return hashed(password)


def hashed(password: str) -> NewPassword:
    """The same where nobody waits for this transaction: in commands and in the demonstration."""
    return NewPassword(hash_password(password), password_rules.is_short(password))


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters and salt in it."""
    return _worker().submit(_hasher.hash, password_rules.normalize(password)).result()


def is_correct(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; takes as long when there is no hash at all."""
    right = _worker().submit(_verify, password_hash or _nobodys_hash(), password).result()
    return right and bool(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password_rules.normalize(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    # an unknown email must cost the same time, or the time tells who has an account
    return hash_password("nobody has this password")


@cache
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "password-hashing", initializer=_step_back)


def _step_back() -> None:
    # elsewhere the priority belongs to the whole process, which must keep its own
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOW_PRIORITY)


if hasattr(os, "register_at_fork"):  # a thread does not live on in a forked server process
    os.register_at_fork(after_in_child=_worker.cache_clear)
