"""Who rates on a sheet: a person with an account, or a device that came by the join link."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.viewer import Joined, Visitor


@dataclass(frozen=True, slots=True)
class Rater:
    """One of the two is set: a person has a sheet in each assessment, a device has this one."""

    person_id: int | None = None
    rating_id: int | None = None


def rater_of(visitor: Visitor) -> Rater:
    """The rater that a visitor is."""
    if isinstance(visitor, Joined):
        return Rater(rating_id=visitor.rating_id)
    return Rater(person_id=visitor.person_id)
