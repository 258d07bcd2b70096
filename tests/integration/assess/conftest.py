"""An open assessment of the cast's clinic, and a member's started rating of it."""

from __future__ import annotations

import pytest
from flask import Flask

from tests import seeding
from tests.cast import Cast


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return seeding.open_assessment(cast.clinic, "2026Q3")


@pytest.fixture
def rating(app: Flask, assessment: int, cast: Cast) -> int:
    with app.app_context():
        return seeding.start_rating(assessment, cast.member)
