"""Every request passes here before its view: who is it, and may they come this far?

A view declares its access with one of the decorators `public`, `signed_in`, `requires` or
`requires_token`. What a view without a declaration would show is anybody's guess, so it answers
500. A view that `requires` a permission on a thing must also call `permit` with that thing's scope
before it answers. Programs come with a token of a person's own and only to views that
`requires_token`; there in turn no cookie counts, so that no other site can ask in somebody's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    request,
    session,
    url_for,
)
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as BaseResponse

from accounts import queries, wall  # noqa: F401 - wall keeps each query within the reach
from accounts.permissions import PERMISSIONS, may
from accounts.sign_in.device_left import has_left, render_device_left
from accounts.sign_in.resuming import (
    WAYS_IN,
    carry,
    is_from_elsewhere,
    render_old_form,
    render_sign_in,
    typed_fields,
)
from accounts.viewer import ClinicName, Joined, Scope, Viewer, Visitor
from core import audit, tenancy
from core.cookies import PageToken, SessionCookie, is_no_use
from core.error_pages import wants_json
from core.errors import Forbidden, NotFound, TokenRefused
from core.transactions import SAFE_METHODS

View = TypeVar("View", bound=Callable[..., Any])

csrf = PageToken()

PUBLIC = "public"
SIGNED_IN = "signed in"
LONGEST_NEXT = 2000
DEVICE_COOKIE = "blockwise-device"

FindJoined = Callable[[str], Joined | None]
FindHolder = Callable[[str], Viewer | None]


def public(view: View) -> View:
    """Anybody may come here."""
    return _declare(view, PUBLIC)


def signed_in(view: View) -> View:
    """Everybody who is signed in may come here."""
    return _declare(view, SIGNED_IN)


def requires(permission: str, *, on_object: bool = True) -> Callable[[View], View]:
    """Only viewers with this permission; with on_object the view must `permit` the very thing."""
    if permission not in PERMISSIONS:
        raise KeyError(f"no such permission: {permission}")

    def declare(view: View) -> View:
        view.permit_needed = on_object  # type: ignore[attr-defined]
        return _declare(view, permission)

    return declare


def requires_token(permission: str) -> Callable[[View], View]:
    """Only programs with a token of a person who has this permission; it may only be read here."""
    declared = requires(permission, on_object=False)

    def declare(view: View) -> View:
        view.by_token = True  # type: ignore[attr-defined]
        return declared(view)

    return declare


def _declare(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def permit(permission: str, scope: Scope) -> None:
    """Let the request go on if the viewer holds the permission on this thing.

    Raises NotFound when the viewer has no role in the thing's clinic (its existence stays
    unknown), Forbidden when the viewer has one but not this permission.
    """
    visitor = current_visitor()
    g.permitted = True
    g.organization_id = scope.organization_id  # for what is logged without knowing the thing
    if may(visitor, permission, scope):
        return
    if isinstance(visitor, Viewer) and any(grant.covers(scope) for grant in visitor.grants):
        raise Forbidden("Your role in this clinic does not include this. Ask the clinic lead.")
    raise NotFound("Check the address, or go back to your clinic's page.")


def current_viewer() -> Viewer | None:
    """The signed-in person of this request, read once."""
    if "viewer" not in g:
        token = session.get("sign_in")
        g.viewer = queries.get_viewer(token) if token else None
        if g.viewer is not None:
            tenancy.know(g.viewer.reach)
    viewer: Viewer | None = g.viewer
    return viewer


def current_joined() -> Joined | None:
    """The rating that this device joined by link, read once; signed-in people count as people."""
    if "joined" not in g:
        token = None if current_viewer() else request.cookies.get(device_cookie())
        find: FindJoined = current_app.extensions["find_joined"]
        g.joined = find(token) if token else None
        if g.joined is not None:
            tenancy.know(g.joined.reach)
    joined: Joined | None = g.joined
    return joined


def current_visitor() -> Visitor | None:
    """Who is asking: a person with an account, a device that joined, or nobody known."""
    return current_viewer() or current_joined()


def own_clinics() -> Sequence[ClinicName]:
    """The clinics in which the signed-in person has a role of their own, read once if at all."""
    if "own_clinics" not in g:
        person = current_viewer()
        g.own_clinics = queries.list_own_clinics(person) if person else ()
    found: Sequence[ClinicName] = g.own_clinics
    return found


def device_cookie() -> str:
    """Name of the cookie that holds the token of a joined device."""
    return (
        f"__Host-{DEVICE_COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else DEVICE_COOKIE
    )


def visitor() -> Visitor:
    """Who is asking, in views that only a person with an account or a joined device can reach."""
    somebody = current_visitor()
    if somebody is None:
        raise Forbidden("Sign in first.")
    return somebody


def viewer() -> Viewer:
    """The signed-in person, in views that nobody else can reach."""
    person = current_viewer()
    if person is None:
        raise Forbidden("Sign in first.")
    return person


def init_app(app: Flask, *, find_joined: FindJoined, find_holder: FindHolder) -> None:
    """Attach the guard; comes after the transaction hooks.

    `find_joined` tells which rating a device's token belongs to, `find_holder` whose token a
    program holds; the tables of those are not ours.
    """
    app.session_interface = SessionCookie()
    csrf.init_app(app)
    app.extensions["find_joined"] = find_joined
    app.extensions["find_holder"] = find_holder
    app.before_request(_guard)
    app.teardown_request(_forget_actor)
    app.after_request(_check_permit_was_asked)


def _guard() -> BaseResponse | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return None
    view = current_app.view_functions[endpoint]
    access: str | None = getattr(view, "access", None)
    if access is None:
        raise RuntimeError(f"the view {endpoint} does not declare who may see it")
    if getattr(view, "by_token", False):
        _admit_program(access)
        return None
    if access != PUBLIC:
        person = current_viewer()
        by_link = None if person or access == SIGNED_IN else current_joined()
        if by_link is not None and not session.permanent:
            session.permanent = True  # the token of its pages lives on while they are used
        if person is None and (by_link is None or not may(by_link, access)):
            return _ask_to_sign_in(access)
        if person is not None and access != SIGNED_IN and not may(person, access):
            raise Forbidden("Your role does not include this page.")
    if request.method not in SAFE_METHODS:
        audit.set_actor(_actor())
        return _check_token(access)
    return None


def _admit_program(permission: str) -> None:
    """Whoever holds the token of the request is its viewer; cookies are neither read nor sent."""
    if request.method not in SAFE_METHODS:
        raise RuntimeError(f"{request.endpoint} takes tokens, and with those one may only read")
    is_no_use()
    kind, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    find: FindHolder = current_app.extensions["find_holder"]
    given = token.strip() if kind.lower() == "bearer" else ""
    g.joined, g.viewer = None, find(given) if given else None
    if g.viewer is None:
        raise TokenRefused(was_given=bool(given))
    tenancy.know(g.viewer.reach)
    if not may(g.viewer, permission):
        raise Forbidden("The role of this token's owner does not include this.")


def _actor() -> audit.Actor:
    address = request.remote_addr or ""
    person = current_viewer()
    if person is not None:
        return audit.Actor(person.person_id, f"{person.name} <{person.email}>", address)
    who = audit.NOBODY.who if g.get("joined") is None else "a rater without an account"
    return audit.Actor(None, who, address)


def _forget_actor(_error: BaseException | None) -> None:
    audit.set_actor(audit.NOBODY)


def _check_token(access: str) -> BaseResponse | None:
    """A page that outlived its sign-in carries an old token; what was typed on it comes back."""
    try:
        csrf.protect()
    except CSRFError:
        typed = typed_fields()
        if request.endpoint == "assess.join_start" and not is_from_elsewhere():
            again = url_for("assess.join", **(request.view_args or {}), again=1)
            return redirect(again, 303)
        ours = access != PUBLIC or request.endpoint in WAYS_IN
        if not typed or not ours or wants_json() or is_from_elsewhere():
            raise
        return Response(render_old_form(request.path, typed), status=400)
    return None


def _ask_to_sign_in(access: str) -> BaseResponse:
    """Nothing typed may be lost: a form comes back after sign-in with all that was in it."""
    g.permitted = True  # this page is about nothing that anybody could lack a permission on
    if has_left(access, device_cookie()):
        return render_device_left()
    if wants_json():
        answer = jsonify(error="sign_in", message="Sign in to send your answers.")
        answer.status_code = 401
        return answer
    if request.method in SAFE_METHODS:
        wanted = request.full_path.rstrip("?")
        # an address as long as browsers allow would not fit into another one
        return redirect(
            url_for("accounts.sign_in", next=wanted if len(wanted) <= LONGEST_NEXT else None)
        )
    brought = [] if is_from_elsewhere() else carry(request.path, typed_fields())
    return Response(render_sign_in(resume=brought), status=401)


def _check_permit_was_asked(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    forgotten = getattr(view, "permit_needed", False) and not g.get("permitted", False)
    somebody = g.get("viewer") or g.get("joined")
    if forgotten and response.status_code < 400 and somebody:
        raise RuntimeError(f"the view {request.endpoint} never asked for its permission")
    return response
