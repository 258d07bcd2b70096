"""Passwords are hashed one after the other, by a thread that steps back for all others."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, Type

from accounts.sign_in import passwords
from accounts.sign_in.passwords import hash_password, is_correct

PASSWORD = "correct horse battery staple"


def test_a_password_fits_its_own_hash_only() -> None:
    kept = hash_password(PASSWORD)
    assert is_correct(PASSWORD, kept)
    assert not is_correct(PASSWORD + " ", kept)
    assert not is_correct(PASSWORD, None)
    assert not is_correct(PASSWORD, "no hash at all")


def test_hashes_are_as_strong_as_owasp_asks() -> None:
    """argon2id, 19 MiB, 2 passes; the other tests hash more quickly."""
    assert isinstance(passwords._hasher, PasswordHasher)
    assert passwords._hasher.type is Type.ID
    assert (passwords.MEMORY_KIB, passwords.PASSES, passwords.LANES) == (19 * 1024, 2, 1)


def test_nobody_has_the_password_that_stands_in_for_none() -> None:
    assert not is_correct("nobody has this password", None)


def test_each_keyboard_types_the_same_password() -> None:
    composed, decomposed = "ol\N{LATIN SMALL LETTER E WITH ACUTE}", "ole\N{COMBINING ACUTE ACCENT}"
    assert is_correct(decomposed, hash_password(composed))


def test_one_hash_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = 0, 0
    real = passwords._verify

    def watched(password_hash: str, password: str) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        right = real(password_hash, password)
        at_once -= 1
        return right

    monkeypatch.setattr(passwords, "_verify", watched)
    kept = hash_password(PASSWORD)
    with ThreadPoolExecutor(6) as people:
        assert all(people.map(lambda _: is_correct(PASSWORD, kept), range(6)))
    assert most == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads a priority each")
def test_the_hashing_thread_steps_back_and_no_other_does() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    mine = priority()
    assert passwords._worker().submit(priority).result() > mine
    assert priority() == mine


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python warns of forks beside threads
def test_a_forked_server_process_hashes_with_a_thread_of_its_own() -> None:
    kept = hash_password(PASSWORD)
    child = os.fork()
    if child == 0:
        os._exit(0 if is_correct(PASSWORD, kept) else 1)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
