"""Verbs of data bundles: ask for one, try again, remove it, note that it was downloaded."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select

from accounts.models import Person
from core import audit, clock, jobs
from core.db import db
from core.errors import Conflict, NotFound
from core.throttling import Limit
from research.models import BundleState, DataBundle, DataBundlePart

KIND = "data_bundle"
ASKED = Limit("data bundle", allowed=20, window=timedelta(hours=1))
MOST = 5
LASTS = timedelta(days=7)
TOO_LONG = timedelta(hours=1)
"""After this a bundle that is not ready may be asked for again: its worker may be gone for good."""
LONGEST_STEP = 200


class TooManyBundles(Conflict):
    """The person has as many as anybody may have."""

    title = "You have too many data bundles"

    def __init__(self) -> None:
        super().__init__(f"You have {MOST} data bundles. Remove one that you no longer need.")


def ask_for_bundle(*, person_id: int, query: str, words: str, url: str, secret: str | bytes) -> int:
    """Queue the making of a bundle of the analysis `query`; its id.

    `words` say the analysis to its owner, `url` is the address of the program for the README.
    Raises TooManyBundles, and TooManyTries of somebody who asks all the time.
    """
    # the person's row is held, so that two pages at once do not make one too many
    person = db.session.scalars(
        select(Person).where(Person.id == person_id).with_for_update()
    ).one()
    ASKED.take(str(person_id))  # removing one makes room, but what it cost stays
    now = clock.now()
    count = db.session.scalar(
        select(func.count())
        .select_from(DataBundle)
        .where(DataBundle.person_id == person_id, is_there(now))
    )
    if (count or 0) >= MOST:
        raise TooManyBundles
    bundle = DataBundle(
        person_id=person_id, selection=query, step=words[:LONGEST_STEP], asked_at=now
    )
    db.session.add(bundle)
    db.session.flush()
    _queue(bundle.id, url, secret)
    audit.record(
        "data_bundle.asked_for", subject=_named(bundle, person), after={"selection": query}
    )
    return bundle.id


def try_again(*, person_id: int, bundle_id: int, url: str, secret: str | bytes) -> None:
    """Make a bundle anew that failed or takes too long. Raises NotFound, Conflict."""
    bundle = _own(person_id, bundle_id)
    if not may_try_again(bundle.state, bundle.asked_at, clock.now()):
        raise Conflict("This data bundle is being made. Wait until it is ready.")
    bundle.state, bundle.progress, bundle.error = BundleState.WAITING, 0, ""
    bundle.asked_at = clock.now()
    db.session.flush()
    _queue(bundle.id, url, secret)
    audit.record("data_bundle.asked_for_again", subject=_named(bundle))


def remove_bundle(*, person_id: int, bundle_id: int) -> None:
    """Delete a bundle and what is stored of it. Raises NotFound for somebody else's."""
    bundle = _own(person_id, bundle_id)
    audit.record(
        "data_bundle.removed", subject=_named(bundle), before={"selection": bundle.selection}
    )
    db.session.execute(delete(DataBundlePart).where(DataBundlePart.bundle_id == bundle_id))
    db.session.delete(bundle)
    db.session.flush()


def note_download(*, person_id: int, bundle_id: int) -> None:
    """Note for the log that a bundle leaves the program."""
    bundle = _own(person_id, bundle_id)
    audit.record(
        "data_bundle.downloaded",
        subject=_named(bundle),
        after={"selection": bundle.selection, "sha256": bundle.sha256, "size": bundle.size},
    )


def may_try_again(state: str, asked_at: datetime, now: datetime) -> bool:
    """Whether it failed, or was asked for so long ago that nobody may be working on it."""
    return state == BundleState.FAILED or (
        state != BundleState.READY and asked_at <= now - TOO_LONG
    )


def is_there(now: datetime) -> ColumnElement[bool]:
    """The condition of a bundle that has not expired."""
    return or_(DataBundle.expires_at.is_(None), DataBundle.expires_at > now)


def _queue(bundle_id: int, url: str, secret: str | bytes) -> None:
    payload = {"bundle_id": bundle_id, "url": url}
    jobs.enqueue(KIND, payload, secret=secret, dedupe_key=f"{KIND} {bundle_id}")


def _own(person_id: int, bundle_id: int) -> DataBundle:
    bundle = db.session.scalar(
        select(DataBundle)
        .where(DataBundle.id == bundle_id, DataBundle.person_id == person_id)
        .with_for_update()
    )
    if bundle is None:
        raise NotFound("You have no such data bundle. It may have been removed already.")
    return bundle


def _named(bundle: DataBundle, person: Person | None = None) -> str:
    owner = person or db.session.get_one(Person, bundle.person_id)
    return f"data bundle {bundle.id} of person {owner.id} {owner.name}"
