"""Keeps every query of a request within the reach of whoever asks, whatever its author forgot.

The query layer's half of tenancy, on both databases: each SELECT, UPDATE and DELETE through the
session gets the reach as a criterion on every clinic's table it names, and a new object of another
clinic is refused. Statements sent with `session.connection().execute` and INSERTs of many rows pass
it by; on PostgreSQL row-level security holds those too.

A statement costs about the same with its criteria as without: those built once are rewritten once
and remembered, because the reach is a parameter that is looked up when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Delete,
    Executable,
    Integer,
    Select,
    Update,
    bindparam,
    event,
    or_,
)
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from accounts.models import Clinic, ClinicData, Organization
from core import tenancy
from core.db import db
from core.tenancy import Reach


class OutOfReach(RuntimeError):
    """A mistake in our code: it is about to write where whoever asks has no role."""


def _ids(name: str, read: Callable[[Reach], frozenset[int]]) -> BindParameter[int]:
    return bindparam(
        name,
        type_=Integer(),
        expanding=True,
        unique=True,
        callable_=lambda: sorted(read(tenancy.present())),
    )


_VISIBLE = _ids("visible", lambda reach: reach.visible)
_ORGANIZATIONS = _ids("organizations", lambda reach: reach.organizations)
_CLINICS = _ids("clinics", lambda reach: reach.clinics)

# lambdas, because only those are asked again for every alias of a table
_CRITERIA = (
    with_loader_criteria(Organization, lambda one: one.id.in_(_VISIBLE), include_aliases=True),
    with_loader_criteria(
        Clinic,
        lambda one: or_(one.organization_id.in_(_ORGANIZATIONS), one.id.in_(_CLINICS)),
        include_aliases=True,
    ),
    with_loader_criteria(
        ClinicData,
        lambda one: or_(one.organization_id.in_(_ORGANIZATIONS), one.clinic_id.in_(_CLINICS)),
        include_aliases=True,
    ),
)
_walled: WeakKeyDictionary[Executable, Executable] = WeakKeyDictionary()


def _keep_within_reach(state: ORMExecuteState) -> None:
    if tenancy.present().is_whole_program or state.is_column_load or state.is_relationship_load:
        return
    statement = state.statement
    if isinstance(statement, (Select, CompoundSelect, Update, Delete)):
        found = _walled.get(statement)
        if found is None:
            found = _walled[statement] = statement.options(*_CRITERIA)
        state.statement = found


def _refuse_rows_out_of_reach(session: Session, _context: Any, _objects: Any) -> None:
    reach = tenancy.present()
    if reach.is_whole_program:
        return
    for row in session.new:
        if (
            isinstance(row, ClinicData)
            and row.organization_id not in reach.organizations
            and row.clinic_id not in reach.clinics
        ):
            raise OutOfReach(f"a new {type(row).__name__} is out of reach of this request")


event.listen(db.session, "do_orm_execute", _keep_within_reach)
event.listen(db.session, "before_flush", _refuse_rows_out_of_reach)
