"""Which figures a study has, each with its sentence and its table; drawn only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from assess.figures.drawing import DEFAULT_DPI, Kind, fingerprint
from assess.figures.words import Numbers
from research.figures.sizes import CSS_DPI

if TYPE_CHECKING:
    from research.figures.levels import Levels
    from research.study import Study

NAMES = {
    "change": "Change from the first quarter",
    "clinics": "Every clinic",
    "blocks": "Block by block",
    "first-and-last": "First and last quarter",
    "heat-map": "Clinic by block",
    "levels": "Levels of the milestones",
}
"""Figures of a study by the name in their address, in the order of the page."""
SIMPLE = ("change", "blocks", "first-and-last", "heat-map")
"""Those that the simple view shows."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One figure: `name` as in its address, a heading, one sentence and the table of its numbers.

    `data` is what the module of assess.figures draws.
    """

    name: str
    heading: str
    sentence: str
    numbers: Numbers
    data: Any = field(repr=False)
    module: ModuleType = field(repr=False)

    def draw(self, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
        """The picture, `width` millimeters wide. Raises ValueError for sizes out of bounds."""
        drawn: bytes = self.module.draw(self.data, kind=kind, width=width, dpi=dpi)
        return drawn

    def pixels(self, width: float) -> tuple[int, int]:
        """Width and height on a screen at this width in millimeters; nothing is drawn."""
        height: float = self.module.height(self.data, width=width)
        return round(width / 25.4 * CSS_DPI), round(height / 25.4 * CSS_DPI)

    def etag(self, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> str:
        """Changes when the picture does; known without drawing it."""
        return fingerprint(self.data, kind=kind, width=width, dpi=dpi)

    def untitled(self) -> Offered:
        """The same without the title in the picture: journals print their own."""
        return replace(self, data=replace(self.data, title=""))


def offer(name: str, heading: str, module: ModuleType, data: Any) -> Offered:
    """A figure with the words and numbers that its module finds for its data."""
    return Offered(name, heading, module.sentence(data), module.numbers(data), data, module)


def figures_of(study: Study, levels: Levels | None = None) -> tuple[Offered, ...]:
    """The figures that this study has enough for; `levels` come by a statement of their own."""
    names = SIMPLE if study.selection.simple else NAMES
    found = (figure_of(study, name, levels) for name in names)
    return tuple(one for one in found if one is not None)


def figure_of(study: Study, name: str, levels: Levels | None = None) -> Offered | None:
    """The figure of that name, or None where the study has too little for it (or no such name)."""
    from research.figures import program  # with numpy, as the study itself

    builders: dict[str, Callable[[], tuple[ModuleType, Any] | None]] = {
        "change": lambda: program.change(study),
        "clinics": lambda: program.clinics(study),
        "blocks": lambda: program.blocks(study),
        "first-and-last": lambda: program.first_and_last(study),
        "heat-map": lambda: program.heat_map_of(study),
        "levels": lambda: program.levels_of(study, levels) if levels else None,
    }
    found = builders[name]() if name in builders else None
    return None if found is None else offer(name, NAMES[name], *found)
