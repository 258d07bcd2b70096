"""Invites everybody on a list: all of them, or nobody and every problem by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accounts.invitations import inviting as invitations
from accounts.invitations.file import ListedPerson
from accounts.invitations.inviting import Invitee, NewLink
from accounts.models import Role
from accounts.permissions import may
from accounts.places import PROGRAM, Place, list_clinic_places, list_organization_places
from accounts.role_words import plural, roles_to_give
from accounts.viewer import Viewer
from core.errors import Forbidden
from core.table_file import FileProblem, TableFileError


def check_people(
    people: Sequence[ListedPerson], *, by: Viewer, usual_place: Place | None = None
) -> list[Invitee]:
    """Each row with its place and role. Raises TableFileError with every problem.

    `usual_place` is meant where a row names neither clinic nor organization; without it the whole
    program.
    """
    places = _Places(people, by, usual_place or PROGRAM)
    problems: list[FileProblem] = []
    found: list[tuple[int, Invitee]] = []
    for one in people:
        try:
            found.append((one.line, _check(one, places, by)))
        except _Wrong as wrong:
            problems.append(wrong.problem)
    problems += [*_repetitions(found), *_already_here(found)]
    if problems:
        raise TableFileError(tuple(sorted(problems, key=lambda one: one.line)))
    return [invitee for _line, invitee in found]


def invite_all(invitees: Sequence[Invitee], *, by: Viewer) -> list[NewLink]:
    """A link for each, in the same order. Raises what `invitations.invite` raises."""
    return [invitations.invite(one, by=by) for one in invitees]


def _already_here(found: Sequence[tuple[int, Invitee]]) -> Iterator[FileProblem]:
    here = invitations.list_people_with_role([invitee for _line, invitee in found])
    for line, one in found:
        if one in here:
            message, fix = "This person has this role already.", "Remove the line."
            yield FileProblem(line, message, fix, "email", one.email)


def _repetitions(found: Sequence[tuple[int, Invitee]]) -> Iterator[FileProblem]:
    """One person may stand in several places, but only once with one role in one of them."""
    first: dict[tuple[str, Role, Place], int] = {}
    for line, one in found:
        key = (one.email, one.role, one.place)
        if key in first:
            message = f"This is the same invitation as in line {first[key]}."
            yield FileProblem(line, message, "Remove one.", "email", one.email)
        first.setdefault(key, line)


class _Wrong(Exception):
    def __init__(self, problem: FileProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Places:
    """The places that the list names, read at once; those out of reach are not there."""

    def __init__(self, people: Sequence[ListedPerson], by: Viewer, usual: Place) -> None:
        clinics = list_clinic_places([one.clinic for one in people if one.clinic])
        # to somebody who may not see its people, a clinic does not exist
        self.clinics = {
            code: place
            for code, place in clinics.items()
            if may(by, "people.view", place.scope) and not place.is_archived
        }
        self.organizations = {
            place.organization.lower(): place
            for place in list_organization_places()
            if may(by, "people.view", place.scope)
        }
        self.usual = usual

    def of(self, one: ListedPerson) -> Place:
        """The place of one row. Raises _Wrong."""
        if not one.clinic:
            return self._organization(one)
        place = self.clinics.get(one.clinic.lower())
        if place is None:
            fix = "Use the study code of a clinic that you look after."
            raise _wrong(one, "There is no such clinic.", fix, "clinic", one.clinic)
        if one.organization and one.organization.lower() != place.organization.lower():
            message = f"{one.clinic} belongs to another organization."
            fix = "Correct the organization, or leave it empty."
            raise _wrong(one, message, fix, "organization", one.organization)
        return place

    def _organization(self, one: ListedPerson) -> Place:
        if not one.organization:
            return self.usual
        place = self.organizations.get(one.organization.lower())
        if place is None:
            fix = "Use the name of an organization that you look after."
            raise _wrong(
                one, "There is no such organization.", fix, "organization", one.organization
            )
        return place


def _check(one: ListedPerson, places: _Places, by: Viewer) -> Invitee:
    place = places.of(one)
    role = one.role or Role.MEMBER
    try:
        invitations.check_may_give(by, role, place)
    except Forbidden as refused:
        message = f"You cannot invite {plural(role)} to {place.name}."
        raise _wrong(one, message, _what_you_may(by, place), "role", str(role)) from refused
    return Invitee(email=one.email, name=one.name, role=role, place=place)


def _what_you_may(by: Viewer, place: Place) -> str:
    roles = [str(role) for role in roles_to_give(by, place)]
    if roles:
        return f"Use {' or '.join(roles)}."
    return "Name the clinic by its study code." if place == PROGRAM else "Choose another place."


def _wrong(
    one: ListedPerson, message: str, fix: str, column: str, value: str | None = None
) -> _Wrong:
    return _Wrong(FileProblem(one.line, message, fix, column, value))
