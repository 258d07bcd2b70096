"""The background job that makes a data bundle: read, write the files, store them in parts.

It reads within the reach of whoever asked, with the grants of that moment, in one transaction that
ends before the files are written. Progress is told in short transactions of its own. The parts are
written last, in the transaction that ends the job: whatever happens before, and however often, a
bundle is either whole or not there.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import IO, Any

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from accounts.permissions import may
from core import clock, jobs, sqlite, tenancy
from core.db import db
from core.worker import Handler
from research.bundling import asking, queries
from research.models import BundleState, DataBundle, DataBundlePart
from research.selection import parse_query

log = structlog.get_logger(__name__)

PART = 1024 * 1024
FORGOTTEN_AFTER = timedelta(days=30)
NO_SCORES = "There are no scores for this analysis any more. Choose another one on the Trends page."
NOT_ALLOWED = "Your role no longer includes data bundles. Ask your administrator."
BROKEN = (
    "Something went wrong on our side while it was made. Try again; if it happens again, "
    "tell your administrator this reference: {reference}."
)


class Unmakeable(Exception):
    """There is nothing to make; the words are for whoever asked."""


class Removed(Exception):
    """Its owner has removed the bundle meanwhile."""


def make_bundle(payload: Mapping[str, Any]) -> None:
    """The worker's part; does nothing for a bundle that is ready, removed or failed already."""
    bundle_id = int(payload["bundle_id"])
    query = _begin(bundle_id)
    if query is None:
        return
    try:
        with tempfile.TemporaryFile() as file:
            clinics, words = _write(bundle_id, query, str(payload["url"]), file)
            _store(bundle_id, file, clinics, words)
    except Removed:
        db.session.rollback()
    except Unmakeable as error:
        _fail(bundle_id, str(error))
    except (OperationalError, jobs.LeaseLost):
        raise  # the database is away: the job comes again; or another worker has it
    except Exception as error:
        db.session.rollback()
        log.error("data bundle failed", bundle=bundle_id, exc_info=error)
        _fail(bundle_id, BROKEN.format(reference=f"data bundle {bundle_id}"))
    forget_old()


def forget_old() -> None:
    """Delete what is stored of expired bundles, and later that there were any."""
    now = clock.now()
    old = select(DataBundle.id).where(DataBundle.expires_at <= now)
    db.session.execute(delete(DataBundlePart).where(DataBundlePart.bundle_id.in_(old)))
    db.session.execute(delete(DataBundle).where(DataBundle.expires_at <= now - FORGOTTEN_AFTER))


def _begin(bundle_id: int) -> str | None:
    """Mark it as being made; its query, or None when there is nothing to do."""
    query = db.session.scalar(
        update(DataBundle)
        .where(
            DataBundle.id == bundle_id,
            DataBundle.state.in_((BundleState.WAITING, BundleState.WORKING)),
        )
        .values(state=BundleState.WORKING, progress=0)
        .returning(DataBundle.selection)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return query


def _write(bundle_id: int, query: str, url: str, file: IO[bytes]) -> tuple[list[int], str]:
    """Write the zip; the ids of the clinics inside, and the analysis in words."""
    from research.bundle.writing import write_bundle  # pandas and its kin take seconds to load
    from research.bundling.gathering import gather

    _tell(bundle_id, 0, "Reading the scores")
    with sqlite.reads_only():
        owner = queries.get_owner(bundle_id)
        db.session.rollback()  # the next transaction begins with the owner's reach
        if owner is None or not may(owner, "data.export"):
            raise Unmakeable(NOT_ALLOWED)
        with tenancy.nothing_yet():
            tenancy.know(owner.reach)
            gathered = gather(owner, parse_query(query), url=url)
            db.session.rollback()
    if gathered is None:
        raise Unmakeable(NO_SCORES)
    write_bundle(gathered.content, file, lambda percent, step: _tell(bundle_id, percent, step))
    return sorted(gathered.clinic_ids), gathered.words


def _tell(bundle_id: int, percent: int, step: str) -> None:
    """Say how far it is and keep the job, in a transaction of its own.

    Raises Removed, and jobs.LeaseLost.
    """
    db.session.rollback()
    jobs.renew()
    told = db.session.execute(
        update(DataBundle)
        .where(DataBundle.id == bundle_id, DataBundle.state == BundleState.WORKING)
        .values(progress=max(0, min(percent, 99)), step=step[: asking.LONGEST_STEP])
        .execution_options(synchronize_session=False)
        .returning(DataBundle.id)
    ).one_or_none()
    db.session.commit()
    if told is None:
        raise Removed


def _store(bundle_id: int, file: IO[bytes], clinics: list[int], words: str) -> None:
    """Replace what is stored; the worker commits it together with the end of the job."""
    size = file.seek(0, 2)
    file.seek(0)
    db.session.execute(delete(DataBundlePart).where(DataBundlePart.bundle_id == bundle_id))
    sha256 = hashlib.sha256()
    for number, content in enumerate(_parts(file)):
        sha256.update(content)
        db.session.add(DataBundlePart(bundle_id=bundle_id, number=number, content=content))
        db.session.flush()
        db.session.expunge_all()  # or the whole file would stand in memory
    now = clock.now()
    db.session.execute(
        update(DataBundle)
        .where(DataBundle.id == bundle_id)
        .values(
            state=BundleState.READY, progress=100, step=words[: asking.LONGEST_STEP], error="",
            clinics=json.dumps(clinics), file_name=f"blockwise-{now:%Y-%m-%d}-{bundle_id}.zip",
            size=size, sha256=sha256.hexdigest(), ready_at=now, expires_at=now + asking.LASTS,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while content := file.read(PART):
        yield content


def _fail(bundle_id: int, words: str) -> None:
    db.session.rollback()
    db.session.execute(
        update(DataBundle)
        .where(DataBundle.id == bundle_id)
        .values(state=BundleState.FAILED, error=words)
        .execution_options(synchronize_session=False)
    )


JOBS: Mapping[str, Handler] = {asking.KIND: make_bundle}
