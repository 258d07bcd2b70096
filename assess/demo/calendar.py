"""Gives the steps of the demonstration believable dates, none of them in the future."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from assess.quarters import Quarter

_BUSY = timedelta(days=40)  # from a quarter's first day to its plan


@dataclass(frozen=True, slots=True)
class Moments:
    """When the steps of one assessment happened; ratings began and ended between the `rated`."""

    opened: datetime
    rated: tuple[datetime, datetime]
    revealed: datetime
    planned: datetime
    closed: datetime


def moments_of(quarter: Quarter, clinic: int, now: datetime) -> Moments:
    """Spread the steps over the quarter's first weeks, or over what has passed of it by `now`."""
    start = datetime.combine(quarter.first_day, time(15), UTC)
    end = datetime.combine(quarter.last_day, time(22), UTC)
    busy = min(_BUSY, now - start)

    def after(share: float) -> datetime:
        return start + busy * share if start < now else now

    late = clinic % 5 * 0.03
    return Moments(
        opened=after(0.1 + late),
        rated=(after(0.2 + late), after(0.6 + late)),
        revealed=after(0.7 + late),
        planned=after(0.75 + late),
        closed=min(end, now),
    )
