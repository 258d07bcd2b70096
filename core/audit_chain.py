"""Proves that the audit log is whole: nothing in it was changed, removed, inserted or cut off.

What stands in the database can prove itself only up to a point: whoever owns the database can
rewrite a whole chain. Heads that were written down elsewhere (with each backup) close that gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from core.audit import BEGINNING, AuditEvent, AuditHead, event_hash
from core.db import db
from core.errors import BlockwiseError

AT_ONCE = 500
"""Lines that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a chain; `sha256` in hexadecimal."""

    chain: str
    sequence: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a chain, and at which of its lines."""

    chain: str
    sequence: int
    problem: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read, and what is wrong with it."""

    chains: int
    lines: int
    findings: tuple[Finding, ...]


class HeadsUnreadable(BlockwiseError):
    """A file of heads is not one that Blockwise wrote."""


def verify(
    chain: str | None = None, *, expected: Iterable[Head] = (), last: int | None = None
) -> Verified:
    """Read one chain, or all, from its first line to its last; findings in order of the log.

    `expected` are heads written down earlier: their lines must still be there as they were.
    With `last`, only so many lines at the end of each chain are read.
    """
    chains = [chain] if chain is not None else _chains()
    findings: list[Finding] = []
    lines = 0
    for name in chains:
        start = _start(name, last)
        reading = _Reading(name, start)
        for row in _rows(name, start):
            findings += reading.next(row)
        findings += reading.end()
        lines += reading.lines
    wanted = [head for head in expected if chain is None or head.chain == chain]
    findings += _missing_heads(wanted)
    return Verified(len(chains), lines, tuple(findings))


def get_heads() -> tuple[Head, ...]:
    """The last line of every chain, to be written down where the database's owner cannot reach."""
    rows = db.session.execute(
        select(AuditHead.chain, AuditHead.sequence, AuditHead.sha256).order_by(AuditHead.chain)
    )
    return tuple(Head(row.chain, row.sequence, row.sha256.hex()) for row in rows)


def write_heads(heads: Iterable[Head]) -> str:
    """Heads as text: chain, sequence and hash, one chain a line, separated by tabs."""
    return "".join(f"{head.chain}\t{head.sequence}\t{head.sha256}\n" for head in heads)


def read_heads(text: str) -> tuple[Head, ...]:
    """What `write_heads` wrote. Raises HeadsUnreadable, naming the line."""
    heads = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = line.split("\t")
        if len(parts) != 3 or not parts[1].isdecimal() or len(parts[2].strip()) != 64:
            raise HeadsUnreadable(
                f"Line {number} is not a chain, a number and a hash separated by tabs. "
                "Give the file that “flask audit heads” wrote."
            )
        heads.append(Head(parts[0], int(parts[1]), parts[2].strip()))
    return tuple(heads)


class _Reading:
    """Reads one chain line by line and says what does not fit."""

    def __init__(self, chain: str, start: int = 0) -> None:
        self.chain = chain
        self.lines = 0
        self.sequence = start
        # the hash before a line in the middle is not known: the line after it is the first checked
        self.last: bytes | None = None if start else BEGINNING
        self.head: tuple[int, bytes] | None = None

    def next(self, row: Row[Any]) -> list[Finding]:
        if row.head_sequence is not None:
            self.head = (row.head_sequence, row.head_sha256)
        if row.sequence is None:
            return []  # a head without a single line
        self.lines += 1
        found = self._gap(row.sequence)
        # after a gap nothing tells the hash before; the line after next is checked again
        if self.last is not None and row.sha256 != event_hash(row._asdict(), self.last):
            found.append(self._finding(row.sequence, "this line, or the one before, was changed"))
        self.sequence, self.last = row.sequence, row.sha256
        return found

    def end(self) -> list[Finding]:
        if self.head is None:
            return [self._finding(self.sequence, "the end of this chain is not recorded")]
        sequence, sha256 = self.head
        if sequence > self.sequence:
            missing = _lines(self.sequence + 1, sequence)
            return [self._finding(self.sequence + 1, f"cut off: {missing} missing")]
        if sequence < self.sequence:
            added = _lines(sequence + 1, self.sequence)
            return [self._finding(sequence + 1, f"added behind the recorded end: {added}")]
        if sha256 != (self.last or BEGINNING):
            return [self._finding(sequence, "the recorded end is another line than this one")]
        return []

    def _gap(self, sequence: int) -> list[Finding]:
        expected = self.sequence + 1
        if sequence == expected:
            return []
        self.last = None
        if sequence < expected:
            return [self._finding(sequence, "inserted before the first line")]
        return [self._finding(expected, f"removed: {_lines(expected, sequence - 1)} missing")]

    def _finding(self, sequence: int, problem: str) -> Finding:
        return Finding(self.chain, sequence, problem)


def _lines(first: int, last: int) -> str:
    return f"line {first} is" if first == last else f"lines {first} to {last} are"


def _chains() -> Sequence[str]:
    return db.session.scalars(
        select(AuditHead.chain).union(select(AuditEvent.chain)).order_by("chain")
    ).all()


def _start(chain: str, last: int | None) -> int:
    """After which line to begin, so that `last` lines can be checked."""
    if last is None:
        return 0
    end = db.session.scalar(select(AuditHead.sequence).where(AuditHead.chain == chain))
    return max(0, (end or 0) - last - 1)


def _rows(chain: str, start: int) -> Iterator[Row[Any]]:
    """The lines of a chain, each with the chain's head: one statement, so one moment in time."""
    head = select(AuditHead).where(AuditHead.chain == chain).subquery()
    lines = select(AuditEvent).where(AuditEvent.chain == chain)
    # read as a whole, a chain shows forged lines that are numbered below one, too
    line = (lines.where(AuditEvent.sequence > start) if start else lines).subquery()
    statement = (
        select(
            func.coalesce(line.c.chain, head.c.chain).label("chain"),
            *(column for column in line.c if column.name != "chain"),
            head.c.sequence.label("head_sequence"),
            head.c.sha256.label("head_sha256"),
        )
        .select_from(line.join(head, head.c.chain == line.c.chain, full=True))
        .order_by(line.c.sequence)
    )
    return iter(db.session.execute(statement, execution_options={"yield_per": AT_ONCE}))


def _missing_heads(expected: Iterable[Head]) -> list[Finding]:
    findings = []
    for head in expected:
        if head.sequence == 0:
            continue
        stands = db.session.scalar(
            select(AuditEvent.sha256).where(
                AuditEvent.chain == head.chain, AuditEvent.sequence == head.sequence
            )
        )
        if stands is None:
            problem = "cut off: this line was there when the heads were written down"
        elif stands.hex() != head.sha256:
            problem = "this line is not the one that was written down"
        else:
            continue
        findings.append(Finding(head.chain, head.sequence, problem))
    return findings
