"""What somebody is asked who signs in on a device that rated without an account before."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import current_viewer, device_cookie, permit, requires, visitor
from assess.blueprint import blueprint
from assess.joining import claiming
from assess.queries.joining import Unclaimed, find_unclaimed
from assess.queries.sheets import get_sheet
from assess.raters import rater_of
from assess.views.joining import LEFT, LEFT_SHARED, forget_device

BACK = "back"
"""The choice to take that rating back; any other makes it one's own."""


@blueprint.post("/assessments/<int:assessment_id>/rate/claim")
@requires("assessment.rate")
def claim_rating(assessment_id: int) -> Response:
    """Make the device's rating the person's own, or take it back: either way they count once."""
    permit("assessment.rate", get_sheet(assessment_id, rater_of(visitor())).scope)
    answer = redirect(url_for("assess.rate", assessment_id=assessment_id), 303)
    person, token = current_viewer(), _token()
    if person is None or token is None:
        return answer
    try:
        if request.form.get("choice") == BACK:
            claiming.take_back(assessment_id=assessment_id, token=token)
        else:
            claiming.claim(assessment_id=assessment_id, person_id=person.person_id, token=token)
    except claiming.AlreadyRated:  # begun in another window; the page now offers the other choice
        return answer
    forget_device(answer)
    return answer


def unclaimed_here(assessment_id: int) -> Unclaimed | None:
    """What this device rated without an account, for the person who is signed in on it now."""
    token = _token()
    if current_viewer() is None or token is None:
        return None
    return find_unclaimed(token, assessment_id)


def _token() -> str | None:
    token = request.cookies.get(device_cookie())
    return None if token in {None, "", LEFT, LEFT_SHARED} else token
