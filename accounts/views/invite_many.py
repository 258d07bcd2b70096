"""Pages that invite a whole list of people and hand out its links, on paper or as a file."""

from __future__ import annotations

from datetime import datetime

from flask import Response, make_response, render_template, request

from accounts.blueprint import blueprint
from accounts.guard import requires, viewer
from accounts.invitations import batch as invitation_batch
from accounts.invitations import links
from accounts.invitations.file import COLUMNS, MAX_BYTES, MOST_ROWS, read_people, readable_text
from accounts.invitations.forms import InviteManyForm
from accounts.invitations.inviting import Invitee
from accounts.invitations.queries import Invitation, find_invitation
from accounts.permissions import may
from accounts.places import Place, get_clinic_place
from core import clock
from core.csv_out import csv_text
from core.errors import BlockwiseError, NotFound
from core.numbers import whole_number
from core.table_file import TableFileError

Page = str | Response | tuple[str, int]
FILE_COLUMNS = ("email", "name", "role", "clinic", "organization", "link", "works until")


class NoLinks(BlockwiseError):
    """None of the links sent works any more, or none was sent."""

    status = 422
    title = "There are no links to take along"


@blueprint.get("/invitations/many")
@requires("invitation.list", on_object=False)
def invite_many() -> Page:
    return _render_form(InviteManyForm(formdata=None), _clinic(request.args.get("clinic", "")))


@blueprint.post("/invitations/many")
@requires("invitation.list", on_object=False)
def invite_many_post() -> Page:
    form, clinic = InviteManyForm(), _clinic(request.form.get("clinic", ""))
    content = _uploaded() or (form.people.data or "").encode("utf-8", "replace")
    if not content.strip():
        form.people.errors = ["Choose a file, or paste a list with one person on each line."]
        return _render_form(form, clinic), 422
    try:
        people, text = read_people(content)
        invitees = invitation_batch.check_people(people, by=viewer(), usual_place=clinic)
    except TableFileError as wrong:
        form.people.data = readable_text(content)
        return _render_form(form, clinic, wrong), 422
    if request.form.get("step") != "invite":
        return _render_preview(invitees, text, clinic)
    made = invitation_batch.invite_all(invitees, by=viewer())
    handed = [links.hand_on(one, invited_by=viewer().name) for one in made]
    return render_template("accounts/invitations/links.html", links=handed, clinic=clinic)


@blueprint.post("/invitations/links.csv")
@requires("invitation.list", on_object=False)
def links_file() -> Page:
    """The links of the page as a file. The page sends the secrets: they are stored nowhere."""
    rows = [
        (
            *(link.invitee.email, link.invitee.name, link.invitee.role.value),
            *(link.invitee.place.clinic, link.invitee.place.organization),
            *(link.address, _day(link.expires_at)),
        )
        for link in _sent_links()
    ]
    answer = make_response(csv_text(FILE_COLUMNS, rows))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="invitations-{_day(clock.now())}.csv"'
    )
    return answer


@blueprint.post("/invitations/slips")
@requires("invitation.list", on_object=False)
def link_slips() -> Page:
    """The links as slips of paper to cut out, each with its QR code."""
    return render_template("accounts/invitations/slips.html", links=_sent_links())


def _sent_links() -> list[links.Link]:
    """Those of the links sent that work and that this person may hand on. Raises NoLinks."""
    secrets = request.form.getlist("secret")[:MOST_ROWS]
    found = [(secret, find_invitation(secret)) for secret in dict.fromkeys(secrets)]
    sent = [_link(one, secret) for secret, one in found if one is not None and _may_take(one)]
    if not sent:
        raise NoLinks(
            "Make the links first. They can be taken along from the page that shows them."
        )
    return sent


def _may_take(one: Invitation) -> bool:
    return may(viewer(), f"role.{one.role}", one.scope)


def _link(one: Invitation, secret: str) -> links.Link:
    return links.Link(
        invitee=Invitee(one.email, one.name, one.role, one.place),
        secret=secret,
        address=links.address_of(secret),
        expires_at=one.expires_at,
        mailed=one.mailed_at is not None,
    )


def _uploaded() -> bytes:
    file = request.files.get("file")
    return file.stream.read(MAX_BYTES + 1) if file is not None and file.filename else b""


def _clinic(text: str) -> Place | None:
    """The clinic meant where a row names none."""
    clinic_id = whole_number(text)
    if clinic_id is None:
        return None
    place = get_clinic_place(clinic_id)
    if not may(viewer(), "people.view", place.scope):
        raise NotFound("Check the address, or go back to your clinic's page.")
    return place


def _render_form(
    form: InviteManyForm, clinic: Place | None, wrong: TableFileError | None = None
) -> str:
    return render_template(
        "accounts/invitations/many.html",
        form=form,
        clinic=clinic,
        columns=COLUMNS,
        most=MOST_ROWS,
        problems=wrong.problems if wrong else (),
        has_errors=bool(form.errors or wrong),
    )


def _render_preview(invitees: list[Invitee], text: str, clinic: Place | None) -> str:
    return render_template(
        "accounts/invitations/preview.html", invitees=invitees, text=text, clinic=clinic
    )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
