"""The page of all assessments that somebody follows, and what is done with several at once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import requires, viewer
from accounts.permissions import may
from accounts.viewer import Scope
from assess.blueprint import blueprint
from assess.following import mails, portfolio, standing, steps
from assess.following.standing import Running
from assess.models import State
from assess.queries import running
from core import clock, mail
from core.numbers import whole_number

Page = str | Response | tuple[str, int]
FILTERS = ("show", "quarter", "organization", "order")


@blueprint.get("/assessments")
@requires("assessment.follow", on_object=False)
def running_page() -> str:
    """All assessments that are running, the ones that need somebody first."""
    quarters = running.list_quarters_in_use(viewer())
    organizations = running.list_organizations_followed(viewer())
    quarter = next((one for one in quarters if str(one) == request.args.get("quarter")), None)
    organization = next(
        (one for one in organizations if str(one.id) == request.args.get("organization")), None
    )
    show, order = request.args.get("show", ""), request.args.get("order", "")
    choice = portfolio.SHOWN.get(show, portfolio.SHOWN[""])
    found = running.list_running(
        viewer(),
        states=choice.states,
        quarter=quarter,
        organization_id=organization.id if organization else None,
    )
    followed = [one for one in standing.follow(found, clock.now()) if choice.shows(one)]
    return render_template(
        "assess/running.html",
        followed=portfolio.arrange(followed, order),
        leads=running.list_leads(one.clinic_id for one in found),
        quarters=quarters,
        quarter=quarter,
        organizations=organizations,
        organization=organization,
        choices=portfolio.SHOWN,
        show=show if show in portfolio.SHOWN else "",
        orders=portfolio.ORDERS,
        order=order if order in portfolio.ORDERS else "",
        filters=_filters(),
        mails=mail.is_configured(),
        is_cut=len(found) >= running.MOST,
        most=running.MOST,
    )


@blueprint.post("/assessments/remind")
@requires("assessment.follow", on_object=False)
def remind_many() -> Response:
    """Mail those who have not finished in the chosen clinics, once a day each."""
    chosen = _chosen("assessment.follow", (State.OPEN,))
    sent = [mails.remind_by_hand(one.id, sent_by=viewer().person_id) for one in chosen]
    answer = {"reminded": sum(sent), "before": len(sent) - sum(sent)}
    return redirect(url_for("assess.running_page", **_filters(), **answer), 303)  # type: ignore[arg-type]


@blueprint.post("/assessments/close")
@requires("assessment.close", on_object=False)
def close_many() -> Page:
    """Close those chosen that are agreed, after asking once; the others are left alone."""
    chosen = _chosen("assessment.close", portfolio.RUNNING)
    agreed = [one for one in chosen if one.state is State.AGREED]
    if not agreed or not request.form.get("sure"):
        others = [one for one in chosen if one.state is not State.AGREED]
        return render_template(
            "assess/close_many.html", agreed=agreed, others=others, filters=_filters()
        )
    for one in agreed:
        steps.close(assessment_id=one.id, reason="")
    done = url_for("assess.running_page", **_filters(), closed=len(agreed))  # type: ignore[arg-type]
    return redirect(done, 303)


def _chosen(permission: str, states: Sequence[State]) -> list[Running]:
    """Those named in the form that are in these states and in the viewer's hands."""
    named = request.form.getlist("assessments")[: running.MOST]
    ids = {one for one in map(whole_number, named) if one is not None}
    found = running.list_running(viewer(), states=states, ids=ids)
    return [one for one in found if may(viewer(), permission, _scope(one))]


def _scope(one: Running) -> Scope:
    return Scope(organization_id=one.organization_id, clinic_id=one.clinic_id)


def _filters() -> dict[str, str]:
    """What the list was narrowed to, for the way back to it."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}
