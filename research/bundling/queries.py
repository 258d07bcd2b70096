"""Reads of data bundles: a person's own list, what a bundle holds, and who may still have it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from accounts import wall
from accounts.models import Clinic
from accounts.permissions import may
from accounts.queries import holder_statement, viewer_of
from accounts.viewer import Scope, Viewer
from core import clock, sqlite
from core.db import db
from core.errors import NotFound
from research.bundling.asking import may_try_again
from research.models import BundleState, DataBundle, DataBundlePart


@dataclass(frozen=True, slots=True)
class OwnBundle:
    """A data bundle as its owner's page lists it.

    `step` says what is being written, and before and after that which analysis it holds.
    """

    id: int
    selection: str
    state: BundleState
    progress: int
    step: str
    error: str
    file_name: str
    size: int
    sha256: str
    asked_at: datetime
    expires_at: datetime | None
    is_expired: bool
    is_allowed: bool
    may_try_again: bool

    @property
    def is_under_way(self) -> bool:
        return self.state in (BundleState.WAITING, BundleState.WORKING)


_HOLDER = holder_statement(DataBundle.person_id, DataBundle.id == bindparam("bundle_id"))


def list_bundles(viewer: Viewer) -> Sequence[OwnBundle]:
    """A person's own bundles, newest first. Two statements at most."""
    rows = db.session.scalars(
        select(DataBundle)
        .where(DataBundle.person_id == viewer.person_id)
        .order_by(DataBundle.asked_at.desc(), DataBundle.id.desc())
    ).all()
    inside = {row.id: frozenset(json.loads(row.clinics)) for row in rows}
    allowed = _may_see(viewer, frozenset().union(*inside.values()))
    return [_own(row, is_allowed=inside[row.id] <= allowed) for row in rows]


def get_bundle(viewer: Viewer, bundle_id: int) -> OwnBundle:
    """One of a person's own bundles. Raises NotFound."""
    found = next((one for one in list_bundles(viewer) if one.id == bundle_id), None)
    if found is None:
        raise NotFound("You have no such data bundle. It may have been removed already.")
    return found


def get_owner(bundle_id: int) -> Viewer | None:
    """Who asked for a bundle, with the grants of today; None when they are disabled."""
    return viewer_of(wall.execute(_HOLDER, {"bundle_id": bundle_id}).all())


def read_parts(bundle_id: int) -> Iterator[bytes]:
    """The stored file, a part at a time, each in a statement of its own."""
    number = 0
    part = select(DataBundlePart.content)
    while True:
        wanted = part.where(DataBundlePart.bundle_id == bundle_id, DataBundlePart.number == number)
        with sqlite.reads_only():
            content = db.session.scalar(wanted)
            db.session.rollback()  # whoever downloads slowly holds neither lock nor connection
        if content is None:
            return
        yield content
        number += 1


def _may_see(viewer: Viewer, clinics: Collection[int]) -> frozenset[int]:
    """Those of the clinics that the viewer may export."""
    if not clinics:
        return frozenset()
    rows = db.session.execute(
        select(Clinic.id, Clinic.organization_id).where(Clinic.id.in_(sorted(clinics)))
    )
    return frozenset(
        row.id for row in rows if may(viewer, "data.export", Scope(row.organization_id, row.id))
    )


def _own(row: DataBundle, *, is_allowed: bool) -> OwnBundle:
    now = clock.now()
    values: Mapping[str, object] = {
        name: getattr(row, name)
        for name in (
            "id", "selection", "progress", "step", "error", "file_name", "size", "sha256",
            "asked_at", "expires_at",
        )
    }  # fmt: skip
    return OwnBundle(
        **values,  # type: ignore[arg-type]
        state=BundleState(row.state),
        is_expired=row.expires_at is not None and row.expires_at <= now,
        is_allowed=is_allowed,
        may_try_again=may_try_again(row.state, row.asked_at, now),
    )
