"""Which pages a browser may keep for use without a connection, and for whom.

The rule is in docs/decisions/0012-offline.md. A page that may be kept carries a mark: whose it is,
the version of the files it needs, and for how long. Every page names the same in its head, so that
a script drops what was kept for somebody else. Without a sign-in nothing is anybody's.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

from flask import Flask, Response, current_app, request

from accounts.blueprint import blueprint
from accounts.guard import current_joined, current_viewer, public
from core.service_worker import ServiceWorker, read_service_worker

MARK = "Offline-Pages"
NOBODY = "nobody"
OFF = "off"
# as long as a sign-in lasts at most, and a rating on a device that several people use
OWN_DEVICE = timedelta(hours=12)
SHARED_DEVICE = timedelta(hours=4)


def init_app(app: Flask, *, is_on: bool, keeps: Collection[str]) -> None:
    """Mark the pages of these endpoints; switched off, browsers are told to forget them all."""
    worker = read_service_worker(str(app.static_folder), app.static_url_path or "")
    app.extensions["service_worker"] = worker
    app.extensions["offline_version"] = worker.version if is_on else OFF
    app.jinja_env.globals["offline_place"] = offline_place

    @app.after_request
    def _mark(response: Response) -> Response:
        if is_on and request.endpoint in keeps and response.status_code == 200:
            place = offline_place()
            if not place.startswith(NOBODY):
                response.headers[MARK] = f"{place} {_lifetime().seconds}"
        return response


@blueprint.get("/service-worker.js")
@public
def service_worker() -> Response:
    """The worker, or where it is switched off the one that ends it. Tells nothing about anybody."""
    worker: ServiceWorker = current_app.extensions["service_worker"]
    is_on = current_app.extensions["offline_version"] != OFF
    return Response(worker.text if is_on else worker.ending, mimetype="text/javascript")


def offline_place() -> str:
    """`<whose>.<version>`, under which the browser keeps pages; "nobody" without a sign-in."""
    return f"{_owner()}.{current_app.extensions['offline_version']}"


def _owner() -> str:
    person, device = current_viewer(), current_joined()
    if person is not None:
        whose = f"person {person.person_id}"
    elif device is not None:
        whose = f"rating {device.rating_id}"
    else:
        return NOBODY
    # not the number itself: scripts of other pages and people at the device need not know it
    key = f"offline pages {current_app.secret_key!r}".encode()
    return hmac.new(key, whose.encode(), sha256).hexdigest()[:20]


def _lifetime() -> timedelta:
    device = current_joined()
    return SHARED_DEVICE if device is not None and device.is_shared else OWN_DEVICE
