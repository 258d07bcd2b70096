"""A person's own data bundles: ask for one, watch it being made, download it, remove it."""

from __future__ import annotations

from flask import (
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from accounts.guard import requires, viewer
from core import cookies
from core.errors import Conflict, Forbidden
from core.file_answer import file_answer
from research.blueprint import blueprint
from research.bundle.frames import missing_packages
from research.bundling import asking, queries
from research.models import BundleState
from research.selection import parse_query, to_query
from research.studying import find_study
from research.words import study_words


@blueprint.get("/trends/bundles")
@requires("data.export", on_object=False)
def bundles() -> str:
    return render_template(
        "research/bundles.html",
        is_whole=not missing_packages(),
        bundles=queries.list_bundles(viewer()),
        lasts=asking.LASTS.days,
        was_removed=request.args.get("removed") == "1",
    )


@blueprint.post("/trends/bundles")
@requires("data.export", on_object=False)
def ask_for_bundle() -> AnyResponse:
    from research.coding import coded  # numpy loads slowly: no other command should wait for it

    found = find_study(viewer(), parse_query(request.form.get("selection", "")))
    if found.selection.problems:
        raise Conflict(" ".join(found.selection.problems))
    if found.study is None:
        raise Conflict("There are no scores for this analysis yet. Choose another one.")
    bundle_id = asking.ask_for_bundle(
        person_id=viewer().person_id,
        query=to_query(found.selection),
        words=study_words(coded(found.study)),
        url=current_app.config["BASE_URL"],
        secret=current_app.secret_key or "",
    )
    return _back(bundle_id)


@blueprint.get("/trends/bundles/<int:bundle_id>/progress")
@requires("data.export", on_object=False)
def bundle_progress(bundle_id: int) -> Response:
    cookies.is_no_use()
    bundle = queries.get_bundle(viewer(), bundle_id)
    step = bundle.step if bundle.state is BundleState.WORKING else "Waiting for its turn"
    return jsonify(state=bundle.state, progress=bundle.progress, step=step)


@blueprint.post("/trends/bundles/<int:bundle_id>/download")
@requires("data.export", on_object=False)
def download_bundle(bundle_id: int) -> Response:
    """By a button, not a link: that it leaves the program is noted in the log."""
    bundle = queries.get_bundle(viewer(), bundle_id)
    if bundle.state is not BundleState.READY or bundle.is_expired:
        raise Conflict("This data bundle is not there. Make a new one on the Trends page.")
    if not bundle.is_allowed:
        raise Forbidden("It holds clinics that you no longer follow. Make a new data bundle.")
    asking.note_download(person_id=viewer().person_id, bundle_id=bundle_id)
    answer = file_answer(b"", mimetype="application/zip", name=bundle.file_name, download=True)
    # a part at a time: the file may be larger than what this process should hold
    answer.response = stream_with_context(queries.read_parts(bundle_id))
    answer.content_length = bundle.size
    return answer


@blueprint.post("/trends/bundles/<int:bundle_id>/again")
@requires("data.export", on_object=False)
def make_bundle_again(bundle_id: int) -> AnyResponse:
    asking.try_again(
        person_id=viewer().person_id,
        bundle_id=bundle_id,
        url=current_app.config["BASE_URL"],
        secret=current_app.secret_key or "",
    )
    return _back(bundle_id)


@blueprint.get("/trends/bundles/<int:bundle_id>/remove")
@requires("data.export", on_object=False)
def remove_bundle_page(bundle_id: int) -> str:
    bundle = queries.get_bundle(viewer(), bundle_id)
    return render_template("research/bundle_remove.html", bundle=bundle)


@blueprint.post("/trends/bundles/<int:bundle_id>/remove")
@requires("data.export", on_object=False)
def remove_bundle(bundle_id: int) -> AnyResponse:
    asking.remove_bundle(person_id=viewer().person_id, bundle_id=bundle_id)
    return redirect(url_for("research.bundles", removed=1), 303)


def _back(bundle_id: int) -> AnyResponse:
    return redirect(url_for("research.bundles", _anchor=f"bundle-{bundle_id}"), 303)
