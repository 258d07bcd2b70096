"""A team of twelve raters who differ, with job roles: what the tests of the meeting talk about."""

from __future__ import annotations

from questionnaires import catalog
from tests import seeding
from tests.cast import Cast

JOBS = ("Nurse",) * 5 + ("Front desk",) * 5 + ("Physician",) * 2
# how far each of the twelve stands from the milestone's middle; the front desk sees less
LEANINGS = (0, 1, 0, 1, 0, -1, -1, -1, -1, 0, 1, 2)
MIDDLES = (2, 3, 2, 1, 3, 2, 4)
NOTES = ("Minutes of March", "Nobody has seen the log since May", "The list hangs at the desk")


def rate_as_team(cast: Cast, quarter: str = "2026Q3") -> int:
    """Twelve finished ratings of the cast's clinic, revealed; the assessment's id."""
    assessment_id = seeding.open_assessment(cast.clinic, quarter)
    milestones = catalog.get("six_building_blocks").milestones
    for rater, (job, leaning) in enumerate(zip(JOBS, LEANINGS, strict=True)):
        (person,) = seeding.add_members(cast.clinic, job_role=job)
        rating_id = seeding.start_rating(assessment_id, person)
        levels = {
            one.key: _level(MIDDLES[number % 7], leaning, number % 5)
            for number, one in enumerate(milestones)
        }
        notes = {milestones[rater].key: NOTES[rater % 3], milestones[1].key: NOTES[rater % 3]}
        seeding.rate(rating_id, levels, notes if rater % 4 == 0 else {})
        seeding.finish(rating_id)
    seeding.reveal(assessment_id)
    return assessment_id


def _level(middle: int, leaning: int, spread: int) -> int:
    """Wide apart, a little apart or all alike, by `spread` 0 to 4."""
    moved = middle + leaning * (spread < 3) - (spread == 1 and leaning > 0)
    return min(4, max(1, moved))
