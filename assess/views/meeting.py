"""What every screen of a meeting asks each second, and the steps that move the meeting."""

from __future__ import annotations

from flask import Response, jsonify, request

from accounts.guard import permit, requires
from assess.blueprint import blueprint
from assess.queries.meetings import get_position
from core.errors import NotFound


@blueprint.get("/assessments/<int:assessment_id>/meeting/state")
@requires("meeting.follow")
def meeting_state(assessment_id: int) -> Response:
    position = get_position(assessment_id)
    permit("meeting.follow", position.scope)
    if not position.is_revealed:
        raise NotFound("The meeting begins once the results are shown to the team.")
    if request.if_none_match.contains(str(position.version)):
        answer = Response(status=304)
    else:
        ends_at = position.timer_ends_at
        answer = jsonify(
            version=position.version,
            milestone=position.milestone,
            timer_ends_at=ends_at.isoformat() if ends_at else None,
            ended=position.ended,
        )
    answer.set_etag(str(position.version))
    return answer
