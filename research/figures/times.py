"""The timeline of a study's figures: every quarter or wave from the first to the last. PURE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assess.figures.timeline import Break, Timeline
from assess.quarters import Quarter
from research.study import Study, time_label

if TYPE_CHECKING:
    from assess.trends.observations import Observations


def every_time(study: Study) -> tuple[Quarter | int, ...]:
    """Also the times without any score, so that a year always takes the same room."""
    first, last = study.times[0], study.times[-1]
    if isinstance(first, Quarter) and isinstance(last, Quarter):
        return Quarter.range(first, last)
    if isinstance(first, int) and isinstance(last, int):
        return tuple(range(first, last + 1))
    raise TypeError("a study's times are quarters or waves, never both")


def timeline_of(study: Study) -> Timeline:
    """The timeline, with a break where earlier versions of the questionnaire end."""
    times = every_time(study)
    breaks = tuple(
        Break(times.index(one.time), f"After version {one.version}")
        for one in study.breaks
        if one.time in times[1:] and not one.left_out
    )
    return Timeline(tuple(time_label(time) for time in times), breaks)


def places_of(study: Study, observations: Observations) -> tuple[int, ...]:
    """Where on the timeline each time of one score stands."""
    known = {
        time if isinstance(time, int) else str(time): place
        for place, time in enumerate(every_time(study))
    }
    return tuple(known[time] for time in observations.times if not isinstance(time, float))
