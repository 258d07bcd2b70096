"""Understands a list of people to invite: a CSV file or text that was pasted; all of it or nothing.

Only what the rows say. Whether there are such clinics and who may invite to them is asked in
accounts.invitation_batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.email_address import BadEmail, read_email
from accounts.models import Role
from core.table_file import FileProblem, TableFile, TableFileError, read_table, refusal

MOST_ROWS = 200
MAX_BYTES = 1_000_000
LONGEST_NAME = 200
COLUMNS = ("email", "name", "role", "clinic", "organization")
_OTHER_NAMES = {
    "e-mail": "email",
    "email address": "email",
    "full name": "name",
    "clinic study code": "clinic",
    "clinic code": "clinic",
    "study code": "clinic",
    "study_code": "clinic",
}
_ROLES = {
    "": None,
    "member": Role.MEMBER,
    "team member": Role.MEMBER,
    "lead": Role.LEAD,
    "clinic lead": Role.LEAD,
    "coach": Role.COACH,
    "researcher": Role.RESEARCHER,
    "administrator": Role.ADMINISTRATOR,
    "admin": Role.ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One row; without a role the usual one is meant, without a place that of the page."""

    line: int
    email: str
    name: str
    role: Role | None
    clinic: str
    organization: str


def read_people(content: bytes) -> tuple[list[ListedPerson], str]:
    """The people in a list and its text, so that it can be mended where it stands.

    The first line names the columns, or is a person already: then the columns are in the order of
    COLUMNS. Raises TableFileError with every problem.
    """
    table = read_table(content, max_bytes=MAX_BYTES)
    rows = list(table.rows())
    columns, rows = _columns(rows)
    if len(rows) > MOST_ROWS:
        fix = f"Invite {MOST_ROWS} people at a time."
        raise refusal(rows[MOST_ROWS][0], f"These are {len(rows)} people.", fix)
    problems: list[FileProblem] = []
    people = [_read_row(line, cells, columns, problems) for line, cells in rows]
    if problems:
        raise TableFileError(tuple(problems))
    return people, table.text


def readable_text(content: bytes) -> str:
    """The text of a list for the box in which it can be mended; empty when it is not text."""
    try:
        table: TableFile = read_table(content, max_bytes=MAX_BYTES)
    except TableFileError:
        return ""
    return table.text


Rows = list[tuple[int, list[str]]]


def _columns(rows: Rows) -> tuple[Mapping[str, int], Rows]:
    """Where each column stands, and the rows below the header."""
    line, first = rows[0]
    if any("@" in cell for cell in first):
        return {name: at for at, name in enumerate(COLUMNS)}, rows
    found: dict[str, int] = {}
    problems = []
    for at, cell in enumerate(first):
        name = _OTHER_NAMES.get(cell.lower(), cell.lower())
        if name in found:
            problems.append(FileProblem(line, "There are two of this column.", "Remove one.", name))
        elif name in COLUMNS:
            found[name] = at
        elif name:
            fix = f"Use these: {', '.join(COLUMNS)}."
            problems.append(FileProblem(line, "This column is not known.", fix, cell))
    if "email" not in found and not problems:
        fix = "Name the columns in the first line: email, name, role."
        problems.append(FileProblem(line, "There is no column with emails.", fix))
    if not problems and len(rows) == 1:
        problems.append(FileProblem(line, "Nobody is listed.", "Add one line for each person."))
    if problems:
        raise TableFileError(tuple(problems))
    return found, rows[1:]


def _read_row(
    line: int, cells: list[str], columns: Mapping[str, int], problems: list[FileProblem]
) -> ListedPerson:
    def cell(name: str) -> str:
        at = columns.get(name)
        return cells[at] if at is not None and at < len(cells) else ""

    email, role = cell("email"), cell("role")
    try:
        email = read_email(email)
    except BadEmail as wrong:
        problems.append(FileProblem(line, wrong.message, wrong.fix, "email", email or None))
    if role.lower() not in _ROLES:
        fix = "Use member, lead, coach, researcher or administrator."
        problems.append(FileProblem(line, "There is no such role.", fix, "role", role))
    if len(cell("name")) > LONGEST_NAME:
        fix = f"Use no more than {LONGEST_NAME} characters."
        problems.append(FileProblem(line, "This name is too long.", fix, "name", cell("name")))
    if len(cells) > len(COLUMNS) and any(cells[len(COLUMNS) :]):
        fix = "Put texts with commas in them into quotation marks."
        problems.append(FileProblem(line, "This row has too many cells.", fix))
    return ListedPerson(
        line=line,
        email=email,
        name=" ".join(cell("name").split()),
        role=_ROLES.get(role.lower()),
        clinic=cell("clinic"),
        organization=cell("organization"),
    )
