"""What the rating page asks for while somebody rates: save these answers, give me a fresh token."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest

from accounts.guard import permit, requires, visitor
from assess.blueprint import blueprint
from assess.queries.sheets import get_sheet
from assess.raters import rater_of
from assess.rating import giving
from assess.rating.autosave import NotABatch, read_batch, write_reply
from assess.rating.holding import hold_rating


@blueprint.put("/ratings/<int:rating_id>/answers")
@requires("rating.change")
def put_answers(rating_id: int) -> tuple[Response, int]:
    rating = hold_rating(rating_id)
    permit("rating.change", rating.scope)
    batch = read_batch(_body())
    try:
        merged = giving.save_answers(
            rating=rating,
            sent=batch.answers,
            person_id=rater_of(visitor()).person_id,
            request_key=batch.key,
        )
    except giving.AnswersRefused as refused:
        problems = [
            {
                "milestone": one.milestone,
                "field": one.field,
                "message": one.message,
                "keep": one.keep,
            }
            for one in refused.problems
        ]
        answer = jsonify(error=refused.title, message=str(refused), problems=problems)
        return answer, refused.status
    return jsonify(write_reply(merged, rating.instrument)), 200


@blueprint.get("/assessments/<int:assessment_id>/rate/token")
@requires("assessment.rate")
def rating_token(assessment_id: int) -> Response:
    """A fresh token for a page that was open longer than its session, so that it can save again."""
    sheet = get_sheet(assessment_id, rater_of(visitor()))
    permit("assessment.rate", sheet.scope)
    return jsonify(token=generate_csrf())


def _body() -> object:
    try:
        return request.get_json()
    except (BadRequest, RecursionError) as error:
        raise NotABatch("This is not JSON. Send an object with a list named “answers”.") from error
