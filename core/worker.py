"""Runs the jobs: a process of its own (`flask worker`), or a thread inside `flask serve`."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask

from core import jobs, tenancy
from core.db import db

log = structlog.get_logger(__name__)

POLL_SECONDS = 5.0
_EXTENSION = "blockwise_jobs"

Handler = Callable[[Mapping[str, Any]], None]
"""Does the work of one kind of job, from its payload.

Slow things come first and the database last: what it writes is committed with the end of the job.
It reaches the whole program, as no page does. Work that may take minutes calls jobs.renew.
It raises jobs.TryLater or jobs.GiveUp; anything else is tried again too.
"""


def init_app(app: Flask, handlers: Mapping[str, Handler]) -> None:
    """Say what does each kind of job."""
    app.extensions[_EXTENSION] = dict(handlers)


def run_one(app: Flask) -> bool:
    """Do the next job that is due; False when there is none."""
    with tenancy.whole_program(), app.app_context():
        claimed = jobs.claim()
        if claimed is None:
            return False
        _do(app, claimed)
    return True


def start(app: Flask) -> Callable[[], None]:
    """Do jobs in a thread of this process; calling what is returned ends it after its job."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(app, stop), name="blockwise-jobs", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        jobs.new_work.set()
        thread.join()

    return end


def run(app: Flask, stop: threading.Event) -> None:
    """Do jobs until `stop` is set, and look for new ones every few seconds.

    A database that is away for a while ends nothing.
    """
    while not stop.is_set():
        jobs.new_work.clear()
        try:
            busy = run_one(app)
        except Exception as error:
            log.warning("the jobs cannot be reached", error=type(error).__name__)
            busy = False
        if not busy and not stop.is_set():
            jobs.new_work.wait(POLL_SECONDS)


def _do(app: Flask, claimed: jobs.Claimed) -> None:
    try:
        handler: Handler | None = app.extensions[_EXTENSION].get(claimed.kind)
        if handler is None:
            raise jobs.TryLater("this version of Blockwise does not know this kind of job")
        with jobs.working_on(claimed):
            handler(claimed.payload(secret=app.secret_key or ""))
    except jobs.LeaseLost:
        _log("job was taken by another worker meanwhile", claimed, "")
    except jobs.GiveUp as error:
        _log("job given up", claimed, str(error))
        jobs.give_up(claimed, error=str(error))
    except jobs.TryLater as error:
        _log("job put back", claimed, str(error))
        jobs.put_back(claimed, error=str(error))
    except Exception as error:
        # its text may repeat the payload: a link that signs somebody in
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} in {place.name}, line {place.lineno} of {place.filename}"
        _log("job failed", claimed, what)
        jobs.put_back(claimed, error=what)
    else:
        if not jobs.finish(claimed):
            _log("job was taken by another worker meanwhile", claimed, "")
    finally:
        db.session.remove()


def _log(event: str, claimed: jobs.Claimed, error: str) -> None:
    log.warning(event, job=claimed.id, kind=claimed.kind, attempt=claimed.attempt, error=error)
