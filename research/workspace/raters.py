"""The same raters beside all raters, as a table and as warnings."""

from __future__ import annotations

from assess.suppression import SMALLEST_GROUP
from assess.trends import apa
from assess.trends.warnings import Warning, raters_changed
from research.raters import SameRaters
from research.workspace.parts import Table

NOTE = (
    "The same raters are people with an account who rated in both quarters. They are shown where "
    f"at least {SMALLEST_GROUP} did and nobody’s answers could be worked out. The scores are those "
    "of the ratings, before the team agreed."
)


def table(raters: SameRaters, *, one_clinic: bool = False) -> Table | None:
    """Scores of neighboring quarters by the same raters and by all; None where none may show."""
    clinics = () if one_clinic else ("Clinics",)
    rows = tuple(
        (
            f"{one.before.label} to {one.after.label}",
            *(str(one.clinics) for _ in clinics),
            _moved(one.same),
            _moved(one.every),
        )
        for one in raters.comparisons
    )
    if not rows:
        return None
    columns = ("Quarters", *clinics, "Same raters", "All raters")
    return Table("Scores by the same raters and by all raters", columns, rows, (NOTE,))


def warnings(raters: SameRaters) -> tuple[Warning, ...]:
    """One for each quarter in which mostly other people rated."""
    return tuple(raters_changed(quarter.label) for quarter in raters.changed)


def _moved(scores: tuple[float, float]) -> str:
    before, after = (apa.decimal(score, 1) for score in scores)
    return f"{before} to {after}"
