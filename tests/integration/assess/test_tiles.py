"""Remembered tiles are what the template gives, whatever is chosen and however often."""

from __future__ import annotations

import pytest
from flask import Flask

from assess.answers import AnswerState
from assess.views.tiles import ready_tiles
from questionnaires import catalog

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_remembered_tiles_are_those_of_the_template(app: Flask) -> None:
    macro = app.jinja_env.get_template("components/level_tiles.html").module.level_tiles  # type: ignore[attr-defined]
    choices = [(None, state) for state in (None, *AnswerState)] + [(n, "level") for n in range(5)]
    with app.test_request_context():
        for slug, version, _ in catalog.published():
            instrument = catalog.get(slug, version)
            for milestone in instrument.milestones:
                scale = [(n, "level") for n in milestone.scale.values()]
                for value, state in [*choices, *scale, *choices]:
                    for name in ("level-one", "level-two"):
                        ours = ready_tiles(milestone, f"m-{name}", name, value, state)
                        assert ours == macro(milestone, f"m-{name}", name, value, state)
