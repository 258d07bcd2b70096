"""What each single finding of `flask doctor` depends on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from accounts.checks import administrator_state
from core import checks, clock, database_checks
from core.doctor import Check, Finding, State, examine, ok

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STRONG = "zH8-pQ3_vW6xR1tY9uI2oK5jL7mN4bVc"


def state(finding: Finding) -> str:
    assert (finding.state is State.OK) == (finding.fix == "")
    return finding.state.value


def test_the_line_to_the_database() -> None:
    def line(host: str, *, encrypted: bool = False, checked: bool = False) -> str:
        return state(
            database_checks.line_state(
                host=host, is_encrypted=encrypted, checks_certificate=checked
            )
        )

    assert line("127.0.0.1") == "ok"
    assert line("/var/run/postgresql") == "ok"
    assert line("db.example.org") == "problem"
    assert line("db.example.org", encrypted=True) == "warning"
    assert line("db.example.org", encrypted=True, checked=True) == "ok"


def test_versions() -> None:
    assert state(checks.python_version((3, 11, 2))) == "ok"
    assert state(checks.python_version((3, 10, 9))) == "problem"
    assert state(checks.sqlite_library((3, 53, 4))) == "ok"
    assert state(checks.sqlite_library((3, 46, 0))) == "warning"
    assert state(database_checks.sqlite_use("wal", is_local=True)) == "ok"
    assert state(database_checks.sqlite_use("wal", is_local=False)) == "warning"
    assert state(database_checks.postgresql_version(140_000, "14.0")) == "ok"
    assert state(database_checks.postgresql_version(130_012, "13.12")) == "problem"


@pytest.mark.parametrize(
    ("url", "proxies", "expected"),
    [
        ("http://127.0.0.1:5000", 0, "ok"),
        ("http://blockwise.example.org", 1, "problem"),
        ("https://blockwise.example.org", 1, "ok"),
        ("https://blockwise.example.org", 0, "warning"),
    ],
)
def test_the_address(url: str, proxies: int, expected: str) -> None:
    assert state(checks.base_url(url, proxies=proxies)) == expected


def test_the_key() -> None:
    assert state(checks.key_strength(STRONG, is_local=False)) == "ok"
    assert state(checks.key_strength("short", is_local=False)) == "problem"
    assert state(checks.key_strength("short", is_local=True)) == "warning"


def test_the_file_of_the_key(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    assert list(checks.key_file(path)) == []
    path.write_text(STRONG)
    path.chmod(0o600)
    assert [state(one) for one in checks.key_file(path)] == ["ok"]
    path.chmod(0o640)
    assert [state(one) for one in checks.key_file(path)] == ["problem"]


def test_the_year() -> None:
    for moment, expected in ((NOW, "ok"), (NOW.replace(year=1970), "problem")):
        with clock.frozen_at(moment):
            assert [state(one) for one in checks.this_clock()] == [expected]


def test_two_clocks() -> None:
    for seconds, expected in ((1, "ok"), (-20, "warning"), (90, "problem")):
        other = NOW + timedelta(seconds=seconds)
        assert state(database_checks.clock_difference(NOW, other)) == expected


def test_room_on_the_disk() -> None:
    for free, expected in ((50 * 1024**3, "ok"), (1024**3, "warning"), (1024**2, "problem")):
        assert state(checks.disk_space(Path("/x"), free)) == expected


def test_migrations() -> None:
    assert state(database_checks.migration_state(("0002",), ("0002",))) == "ok"
    assert state(database_checks.migration_state((), ("0002",))) == "problem"
    assert state(database_checks.migration_state(("0009",), ("0002",))) == "problem"


@pytest.mark.parametrize(
    ("is_superuser", "bypasses", "owned", "is_local", "expected"),
    [
        (False, False, 0, False, "ok"),
        (False, False, 20, False, "warning"),
        (True, False, 0, False, "problem"),
        (False, True, 0, False, "problem"),
        (True, True, 20, True, "warning"),
    ],
)
def test_rights_of_the_database_user(
    is_superuser: bool, bypasses: bool, owned: int, is_local: bool, expected: str
) -> None:
    finding = database_checks.role_rights(
        is_superuser=is_superuser, bypasses=bypasses, owned=owned, is_local=is_local
    )
    assert state(finding) == expected


def test_background_work() -> None:
    jobs_state = database_checks.jobs_state
    assert state(jobs_state(0, 0, None, NOW)) == "ok"
    assert state(jobs_state(3, 0, NOW - timedelta(minutes=1), NOW)) == "ok"
    assert state(jobs_state(3, 1, None, NOW)) == "warning"
    assert state(jobs_state(3, 0, NOW - timedelta(hours=1), NOW)) == "problem"


@pytest.mark.parametrize(
    ("total", "of_program", "protected", "expected"),
    [
        (0, 0, 0, ["problem"]),
        (1, 0, 1, ["problem", "ok"]),
        (2, 1, 1, ["warning"]),
        (2, 2, 2, ["ok"]),
    ],
)
def test_administrators(total: int, of_program: int, protected: int, expected: list[str]) -> None:
    found = administrator_state(total=total, of_program=of_program, protected=protected)
    assert [state(one) for one in found] == expected


def test_a_check_that_fails_does_not_end_the_examination() -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("no such thing")

    found = list(examine([Check("broken", broken), Check("fine", lambda: [ok("fine", "yes")])]))
    assert [one.name for one in found] == ["broken", "fine"]
    assert found[0].state is State.PROBLEM
    assert "no such thing" in found[0].text


def test_without_a_database_nothing_else_is_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        @staticmethod
        def rollback() -> None:
            pass

    def away() -> list[Finding]:
        raise OperationalError("select 1", {}, Exception("connection refused"))

    monkeypatch.setattr("core.doctor.db", type("Database", (), {"session": Away}))
    found = list(
        examine(
            [
                Check("database", away, needs_database=True),
                Check("jobs", away, needs_database=True),
                Check("fine", lambda: [ok("fine", "yes")]),
            ]
        )
    )
    assert [one.name for one in found] == ["database", "fine"]
    assert "connection refused" in found[0].text
