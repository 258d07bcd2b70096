"""Recovery codes on the screen: until the person says they are kept, and never after that."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response as FlaskResponse
from flask import current_app, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.factors import queries as factor_queries
from accounts.factors import second_factors
from accounts.guard import signed_in, viewer
from accounts.views.confirming import ask_who_is_there, is_confirmed
from core import clock, sealing
from core.days import day

SHOWN = "recovery_codes_shown"
PURPOSE = "recovery codes on the screen"


def show_once(codes: Sequence[str]) -> Response:
    """Send the person to the page of their new codes, which wait sealed in this browser."""
    session[SHOWN] = sealing.seal(
        " ".join([str(viewer().person_id), *codes]), secret=_secret(), purpose=PURPOSE
    )
    return redirect(url_for("accounts.recovery_codes"), 303)


@blueprint.get("/account/second-factor/codes")
@signed_in
def recovery_codes() -> str | Response:
    codes = _shown()
    if not codes:
        return redirect(url_for("accounts.your_second_factor"))
    return render_template(
        "accounts/recovery_codes.html", codes=codes, day=day, today=clock.today()
    )


@blueprint.get("/account/second-factor/codes.txt")
@signed_in
def recovery_codes_text() -> FlaskResponse | Response:
    codes = _shown()
    if not codes:
        return redirect(url_for("accounts.your_second_factor"))
    lines = [
        "Blockwise recovery codes",
        f"{viewer().email} - made {day(clock.today())} - {current_app.config['BASE_URL']}",
        "Each code works once, in place of the code from your app.",
        "",
        *codes,
    ]
    answer = FlaskResponse("\r\n".join([*lines, ""]), mimetype="text/plain")
    answer.headers["Content-Disposition"] = "attachment; filename=blockwise-recovery-codes.txt"
    return answer


@blueprint.post("/account/second-factor/codes")
@signed_in
def make_recovery_codes() -> Response:
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.your_second_factor"))
    person_id = viewer().person_id
    if not factor_queries.get_second_factor(person_id).is_on:
        return redirect(url_for("accounts.your_second_factor"), 303)
    return show_once(second_factors.new_recovery_codes(person_id))


@blueprint.post("/account/second-factor/codes/kept")
@signed_in
def recovery_codes_kept() -> Response:
    session.pop(SHOWN, None)
    return redirect(url_for("accounts.your_second_factor"), 303)


def _shown() -> list[str]:
    try:
        text = sealing.unseal(session.get(SHOWN, ""), secret=_secret(), purpose=PURPOSE)
    except sealing.CannotOpen:
        return []
    person_id, *codes = text.split()
    return codes if person_id == str(viewer().person_id) else []


def _secret() -> str | bytes:
    return current_app.secret_key or ""
