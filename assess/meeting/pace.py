"""How the time of a meeting goes on: what is left of it for each milestone, in words too."""

from __future__ import annotations

from dataclasses import dataclass

BEHIND_BELOW = 2 / 3
"""Behind: less than this part of the time that was planned for each milestone is left for each."""
SHORTEST, LONGEST, UNPLANNED = 60, 600, 180
"""Seconds that the timer counts for one milestone: at least, at most, and without a plan."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`left`: milestones not agreed; `seconds`: until the planned end, below 0 after it; `planned`:
    seconds that each milestone had when that end was set.
    """

    left: int
    seconds: int
    planned: int

    @property
    def each(self) -> float:
        """Seconds for each milestone that is left, never below 0."""
        return max(self.seconds, 0) / max(self.left, 1)

    @property
    def is_behind(self) -> bool:
        return self.left > 0 and self.each < BEHIND_BELOW * self.planned

    @property
    def words(self) -> str:
        """ "19 left in 41 minutes: about 2 minutes each"; empty when nothing is left."""
        if not self.left:
            return ""
        if self.seconds <= 0:
            return f"{self.left} left. The planned time is over"
        left = time_words(max(1, round(self.seconds / 60)))
        return f"{self.left} left in {left}: {each_words(self.each)}"


def seconds_each(seconds: int | None, left: int) -> int:
    """What the timer counts for one milestone: its even share of what is left, in half minutes."""
    if seconds is None:
        return UNPLANNED
    share = int(max(seconds, 0) / max(left, 1)) // 30 * 30
    return min(max(share, SHORTEST), LONGEST)


def each_words(seconds: float) -> str:
    """A share of time as people say it: "about 2½ minutes each"."""
    halves = round(seconds / 30)
    if halves < 2:
        return "less than a minute each" if seconds < 45 else "about a minute each"
    whole, half = divmod(halves, 2)
    number = f"{whole}{'½' if half else ''}"
    return f"about {'a minute' if number == '1' else f'{number} minutes'} each"


def time_words(minutes: int) -> str:
    """Some minutes as people say it: "1 hour 18 minutes"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return minutes_words(rest)
    words = "1 hour" if hours == 1 else f"{hours} hours"
    return f"{words} {minutes_words(rest)}" if rest else words


def minutes_words(minutes: int) -> str:
    """A number of minutes: "1 minute"."""
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def timer_words(seconds: int) -> str:
    """What a page without scripts says of a running timer."""
    if not seconds:
        return "Time is up"
    if seconds < 60:
        return "Less than a minute left"
    return f"About {minutes_words(round(seconds / 60))} left"


def clock_words(seconds: int) -> str:
    """The time on a timer: "1:05"."""
    return f"{seconds // 60}:{seconds % 60:02d}"
