"""Stores a file of organizations and clinics: all of it, or nothing and every problem by line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from accounts.models import Clinic, Organization
from accounts.program import organizations
from accounts.program.clinic_facts import ClinicFacts
from accounts.program.clinic_file import ClinicFile, ClinicLine
from accounts.program.organizations import Taken
from accounts.program.reach import Reach, within
from core.db import db
from core.table_file import FileProblem, TableFileError


@dataclass(frozen=True, slots=True)
class ClinicChange:
    """A clinic that the file adds (no `before`) or changes."""

    line: int
    organization: str
    before: ClinicFacts | None
    after: ClinicFacts

    @property
    def differences(self) -> tuple[tuple[str, Any, Any], ...]:
        """Column, value before and after, of everything that changes."""
        if self.before is None:
            return ()
        was, now = self.before.as_dict(), self.after.as_dict()
        return tuple((one, was[one], now[one]) for one in was if was[one] != now[one])


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file changes, in the order of its lines."""

    new_organizations: tuple[str, ...]
    new: tuple[ClinicChange, ...]
    changed: tuple[ClinicChange, ...]
    unchanged: int

    @property
    def digest(self) -> str:
        """The same for the same changes only, so that nobody confirms what they have not seen."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()

    @property
    def changes_something(self) -> bool:
        return bool(self.new or self.changed)


class _Undo(Exception):
    """Ends a rehearsal."""


def rehearse_import(file: ClinicFile, *, reach: Reach) -> ImportReport:
    """What the file would change; changes nothing. Raises TableFileError."""
    report: ImportReport | None = None
    try:
        with db.session.begin_nested():
            report = import_clinics(file, reach=reach)
            raise _Undo
    except _Undo:
        assert report is not None  # noqa: S101 - set just before
        return report


def import_clinics(file: ClinicFile, *, reach: Reach) -> ImportReport:
    """Add and change all clinics of the file; an empty cell leaves what stands there.

    Clinics are told by study code, organizations by name. Raises TableFileError with every
    problem of every row: the caller then undoes the transaction, or has given a savepoint.
    """
    problems = list(file.problems)
    known = _know(file.lines, reach, problems)
    steps = [step for line in file.lines if (step := _step(line, known, problems)) is not None]
    if not problems:
        _store([step for step in steps if step.before != step.after], known, problems)
    if problems:
        raise TableFileError(tuple(sorted(problems, key=lambda problem: problem.line)))
    return ImportReport(
        new_organizations=known.new_organizations,
        new=tuple(step for step in steps if step.before is None),
        changed=tuple(step for step in steps if step.before not in (None, step.after)),
        unchanged=sum(step.before == step.after for step in steps),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands in the database of all that the file names; keys are in lower case."""

    organizations: Mapping[str, int]
    new_organizations: tuple[str, ...]
    by_code: Mapping[str, Clinic]
    by_name: Mapping[tuple[int, str], int]


def _know(lines: Sequence[ClinicLine], reach: Reach, problems: list[FileProblem]) -> _Known:
    """Look everything up in three statements, and add the organizations that are new."""
    rows = db.session.execute(
        select(Organization.id, Organization.name)
        .where(within(Organization.id, reach))
        .order_by(Organization.id.desc())
    )
    known = {row.name.lower(): row.id for row in rows}
    new = []
    for line in lines:
        key = line.organization.lower()
        if key in known:
            continue
        if reach is not None:
            message = "You do not manage an organization of this name."
            fix = "Check its spelling, or ask a program administrator to add it."
            value = line.organization
            problems.append(FileProblem(line.line, message, fix, "organization", value))
        else:
            known[key] = organizations.add_organization(name=line.organization)
            new.append(line.organization)
    owners = {known[key] for line in lines if (key := line.organization.lower()) in known}
    return _Known(known, tuple(new), _hold_clinics(lines), _names_in(owners))


def _hold_clinics(lines: Iterable[ClinicLine]) -> dict[str, Clinic]:
    """The clinics of these codes, held against changes until the end."""
    rows = db.session.scalars(
        select(Clinic)
        .where(func.lower(Clinic.study_code).in_({line.code.lower() for line in lines}))
        .order_by(Clinic.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {clinic.study_code.lower(): clinic for clinic in rows}


def _names_in(organization_ids: set[int]) -> dict[tuple[int, str], int]:
    rows = db.session.execute(
        select(Clinic.organization_id, Clinic.name, Clinic.id)
        .where(Clinic.organization_id.in_(organization_ids))
        .order_by(Clinic.id)
    )
    return {(row.organization_id, row.name.lower()): row.id for row in rows}


def _step(line: ClinicLine, known: _Known, problems: list[FileProblem]) -> ClinicChange | None:
    """What the line does to its clinic, or None after its problem was noted."""
    organization_id = known.organizations.get(line.organization.lower())
    if organization_id is None:
        return None
    clinic = known.by_code.get(line.code.lower())
    if clinic is not None and clinic.organization_id != organization_id:
        # who also follows coded clinics for research must not learn their names here
        is_theirs = clinic.organization_id in known.organizations.values()
        user = clinic.name if is_theirs else "a clinic"
        message = f"{line.code} is used by {user} of another organization."
        fix = "Give this clinic another code."
        problems.append(FileProblem(line.line, message, fix, "study_code"))
        return None
    if clinic is not None and clinic.archived_at is not None:
        message = f"{clinic.name} is archived."
        fix = "Restore it first, or take the row out."
        problems.append(FileProblem(line.line, message, fix, "study_code"))
        return None
    same_name = known.by_name.get((organization_id, line.name.lower()))
    if same_name not in (None, clinic.id if clinic else None):
        message = f"{line.organization} has a clinic named {line.name} with another code."
        fix = "Use its code, or another name."
        problems.append(FileProblem(line.line, message, fix, "clinic"))
        return None
    if clinic is None:
        return ClinicChange(line.line, line.organization, None, ClinicFacts(**line.facts))
    before = organizations.facts_of(clinic)
    # the code found the clinic; its capital letters stay as they are
    after = replace(before, **{**line.facts, "study_code": before.study_code})
    return ClinicChange(line.line, line.organization, before, after)


def _store(changes: Sequence[ClinicChange], known: _Known, problems: list[FileProblem]) -> None:
    """All changes in few statements; where one is refused, find out which."""
    new: list[tuple[Clinic, ClinicFacts]] = []
    try:
        with db.session.begin_nested():
            for one in changes:
                if one.before is None:
                    owner = known.organizations[one.organization.lower()]
                    clinic = Clinic(organization_id=owner, **one.after.as_dict())
                    db.session.add(clinic)
                    new.append((clinic, one.after))
                else:
                    _set(known.by_code[one.before.study_code.lower()], one.after)
    except IntegrityError:
        # codes of organizations out of reach can be seen in no other way
        _find_refused(changes, known, problems)
        return
    for clinic, facts in new:
        organizations.record_new_clinic(clinic.organization_id, clinic.id, facts)
    for one in changes:
        if one.before is not None:
            clinic = known.by_code[one.before.study_code.lower()]
            organizations.record_changed_clinic(
                clinic.organization_id, clinic.id, one.before, one.after
            )


def _set(clinic: Clinic, facts: ClinicFacts) -> None:
    for column, value in facts.as_dict().items():
        setattr(clinic, column, value)


def _find_refused(
    changes: Sequence[ClinicChange], known: _Known, problems: list[FileProblem]
) -> None:
    for one in changes:
        owner = known.organizations[one.organization.lower()]
        try:
            if one.before is None:
                organizations.add_clinic(organization_id=owner, facts=one.after)
            else:
                clinic = known.by_code[one.before.study_code.lower()]
                organizations.change_clinic(clinic_id=clinic.id, facts=one.after)
        except Taken as taken:
            column = "clinic" if taken.field == "name" else taken.field
            problems.append(FileProblem(one.line, str(taken), "", column))
