"""One plain page (or JSON answer) for every error, with a reference number for unknown ones."""

from __future__ import annotations

import secrets
from contextlib import suppress

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from core import database_errors, sqlite
from core.db import db
from core.errors import BlockwiseError

log = structlog.get_logger(__name__)

TEXTS = {
    400: ("This could not be read", "Go back, reload the page and try again. Nothing was changed."),
    403: ("You cannot do that here", "Your role does not include this page."),
    404: (
        "We cannot find that page",
        "Check the address, or start again from your clinic's page.",
    ),
    405: ("That page cannot be used this way", "Go back and use the buttons on the page."),
    413: (
        "That is too much text",
        "Nothing was saved. Go back, and shorten each text to 2,000 characters.",
    ),
    415: ("This could not be read", "Answers are sent as JSON (Content-Type: application/json)."),
    429: ("Too many tries", "Wait 15 minutes, then try again."),
}

TEXTS_OF_PROGRAMS = {
    404: ("There is nothing here", "Check the address; /api/v1/openapi.json lists them all."),
    405: ("This can only be read", "Ask with GET; nothing is changed through this address."),
}

FILE_TOO_LARGE = (
    "That file is too large",
    "Nothing was saved. Go back, split the file and send one part after the other.",
)
OF_PROGRAMS = "/api/"
"""Under this address only programs ask; they get errors in the form of RFC 9457."""
NOT_OUR_NAME = (
    "Blockwise has another address",
    "Use the address that your administrator gave you. Administrators find more about this under "
    "BLOCKWISE_HOSTS in the settings.",
)


def init_app(app: Flask) -> None:
    """Attach the handlers."""
    app.register_error_handler(BlockwiseError, _known)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.log_exception = _leave_to_handlers  # type: ignore[method-assign]


def _leave_to_handlers(exc_info: object) -> None:
    """Flask would write a traceback of what fails in a hook before our handler says it."""


def _known(error: BlockwiseError) -> Response:
    answer = _answer(error.status, error.title, str(error))
    answer.headers.update(error.headers)
    return answer


def _form_too_old(_error: CSRFError) -> Response:
    return _answer(
        400,
        "This page was open too long",
        "Go back, reload the page and send it again. Nothing was changed.",
    )


def _http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    cause = error.original_exception if isinstance(error, InternalServerError) else None
    if isinstance(cause, Exception):
        # what fails in a hook, as the commit does when the database goes away, comes wrapped
        return _unexpected(cause)
    texts = TEXTS | TEXTS_OF_PROGRAMS if _is_of_program() else TEXTS
    title, message = texts.get(error.code, (error.name, error.description or ""))
    if isinstance(error, SecurityError):
        title, message = NOT_OUR_NAME
    if error.code == 413 and request.mimetype == "multipart/form-data":
        title, message = FILE_TOO_LARGE
    answer = _answer(error.code, title, message)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    """What the page's frame still has to read must not wait for the write lock once more."""
    with suppress(Exception):
        db.session.rollback()  # a transaction that failed answers nothing more
    with sqlite.reads_only():
        return _busy(error) if database_errors.is_of_database(error) else _unknown(error)


def _busy(error: Exception) -> Response:
    """The database did not answer, or another process holds it for longer than anyone waits."""
    lost = "" if request.method in {"GET", "HEAD"} else "This was not saved. "
    answer = _answer(
        503,
        "Blockwise is busy",
        f"{lost}Wait a minute and try again; if it happens again, "
        f"tell your administrator this reference: {_log('database error', error)}.",
    )
    answer.headers["Retry-After"] = "5"
    return answer


def _unknown(error: Exception) -> Response:
    return _answer(
        500,
        "Something went wrong on our side",
        "Nothing you typed before was lost. Try again; if it happens again, "
        f"tell your administrator this reference: {_log('unknown error', error)}.",
    )


def _log(event: str, error: Exception) -> str:
    reference = secrets.token_hex(4)
    about = {"reference": reference, "path": _path()}
    said = database_errors.what_passes(error)
    if said is None:
        log.error(event, **about, exc_info=error)
    else:
        log.warning(event, **about, said=said)
    return reference


def _path() -> str:
    """The path as the log may hold it: without the secrets of one-time links and join codes."""
    path = request.path
    for name, value in (request.view_args or {}).items():
        if name.endswith(("secret", "code", "key")):
            path = path.replace(str(value), f"<{name}>")
    return path


def _answer(status: int, title: str, message: str) -> Response:
    if _is_of_program():
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message}
        answer = jsonify(problem)
        answer.mimetype = "application/problem+json"  # RFC 9457
    elif wants_json():
        answer = jsonify(error=title, message=message)
    else:
        answer = make_response(_page(status, title, message))
    answer.status_code = status
    return answer


def _is_of_program() -> bool:
    return request.path.startswith(OF_PROGRAMS)


def wants_json() -> bool:
    """Whether the request comes from a program: only those PUT, send JSON or ask for it first."""
    return (
        request.is_json
        or request.method == "PUT"
        or request.accept_mimetypes.best == "application/json"
    )


def _page(status: int, title: str, message: str) -> str:
    try:
        return render_template("errors/page.html", title=title, message=message, status=status)
    except Exception:
        if status < 500 and not isinstance(request.routing_exception, SecurityError):
            raise
        # the frame of every page names the viewer, whom a database that is away cannot tell us,
        # and links to others, which it cannot under a name that is not ours
        return (
            f'<!doctype html>\n<html lang="en-US">\n<head><title>{escape(title)}</title></head>\n'
            f"<body><main><h1>{escape(title)}</h1><p>{escape(message)}</p></main></body>\n</html>\n"
        )
