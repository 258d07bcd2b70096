"""Makes the database of a large program, quickly and always the same, in the application's schema.

Every assessment was rated by a whole team and then agreed on. Scores and rollups stand as
Blockwise stores them; `flask assess recompute --check` on a part of them is how we know.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np

from app import create_app
from assess import answered_texts
from assess.quarters import Quarter
from assess.rollup.recomputing import recompute
from benchmarks.program.scoring import SLUG, Levels, insert_scores
from benchmarks.scratch import settings_on
from config import Settings
from core import sqlite, tenancy
from core.db import db
from questionnaires import catalog

FIRST = Quarter(2021, 1)
CLINICS_AT_ONCE = 100
_AT = "2026-01-05 15:00:00.000000"
# millions of rows: what is the same in all of them is not handed over each time
_ANSWER = """
    INSERT INTO answer (rating_id, milestone, level, organization_id, clinic_id, state, note,
        revision, answered_at)
    VALUES (?, ?, ?, ?, ?, 'level', '', 1, '2026-01-05 15:00:00.000000')
"""
_AGREED = """
    INSERT INTO agreed_level (assessment_id, milestone, level, organization_id, clinic_id, state,
        rationale, dissent, agreed_at)
    VALUES (?, ?, ?, ?, ?, 'level', '', '', '2026-01-05 15:00:00.000000')
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the program is."""

    clinics: int
    quarters: int
    raters: int
    milestones: int = 26

    @property
    def answers(self) -> int:
        return self.clinics * self.quarters * self.raters * self.milestones


FULL = Size(5000, 20, 4)
QUICK = Size(200, 20, 4)


def settings_for(database: Path) -> Settings:
    """Settings of an application on the database."""
    return settings_on(f"sqlite:///{database}")


def make(database: Path, size: Size) -> None:
    """Fill a fresh database and check a part of its scores against its answers."""
    version = _make_tables(database)
    connection = sqlite.driver.connect(str(database), isolation_level=None)
    connection.execute("PRAGMA journal_mode = off")
    connection.execute("PRAGMA synchronous = off")
    connection.execute("BEGIN")
    random = np.random.default_rng([2026, size.clinics])
    _insert_clinics(connection, size)
    for first in range(0, size.clinics, CLINICS_AT_ONCE):
        some = range(first, min(first + CLINICS_AT_ONCE, size.clinics))
        _insert_part(connection, some, _draw(random, len(some), size), version)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode = wal")
    connection.close()
    _check(database, size)


def _make_tables(database: Path) -> int:
    application = create_app(settings_for(database))
    with application.app_context(), tenancy.whole_program():
        db.create_all()
        version = answered_texts.keep_questionnaire(catalog.get(SLUG))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return version


def _check(database: Path, size: Size) -> None:
    """Raises RuntimeError when the stored scores are not what Blockwise computes."""
    application = create_app(settings_for(database))
    count = size.clinics * size.quarters
    with application.app_context(), tenancy.whole_program():
        differing = recompute([*range(1, 41), *range(count - 40, count + 1)], check=True)
        db.session.rollback()
        db.engine.dispose()
    if differing:
        raise RuntimeError(f"the benchmark's scores are wrong: {differing[0]}")


def _draw(random: np.random.Generator, clinics: int, size: Size) -> Levels:
    """Levels of clinics × quarters × raters × milestones: clinics differ, and grow slowly."""
    start = random.normal(2.2, 0.4, (clinics, 1, 1, 1))
    growth = random.normal(0.02, 0.03, (clinics, 1, 1, 1)) * np.arange(size.quarters)[:, None, None]
    shock = random.normal(0, 0.2, (clinics, size.quarters, 1, 1))
    item = random.normal(0, 0.5, (clinics, 1, 1, size.milestones))
    rater = random.normal(0, 0.4, (clinics, size.quarters, size.raters, size.milestones))
    return np.clip(np.rint(start + growth + shock + item + rater), 1, 4).astype(np.int64)


def _insert_clinics(connection: Any, size: Size) -> None:
    owners = range(1, 1 + math.ceil(size.clinics / 50))
    connection.executemany(
        "INSERT INTO organization (id, name, is_demo, created_at) VALUES (?, ?, 0, ?)",
        [(key, f"Organization {key}", _AT) for key in owners],
    )
    connection.executemany(
        "INSERT INTO clinic (id, organization_id, name, study_code, state, setting, "
        "baseline_quarter) VALUES (?, ?, ?, ?, 'WA', 'rural', ?)",
        [
            (place + 1, owner_of(place), f"Clinic {place + 1}", f"K{place + 1:05}", str(FIRST))
            for place in range(size.clinics)
        ],
    )


def owner_of(clinic: int) -> int:
    """The organization of the clinic at this place; each has fifty."""
    return clinic // 50 + 1


def _insert_part(connection: Any, clinics: range, levels: Levels, version: int) -> None:
    instrument = catalog.get(SLUG)
    keys = [one.key for one in instrument.milestones]
    count, quarters, raters, milestones = levels.shape
    sheets = levels.reshape(count * quarters, raters, milestones)
    first = clinics.start * quarters + 1
    whose = [(owner_of(clinic), clinic + 1) for clinic in clinics for _ in range(quarters)]
    names = [str(FIRST + wave) for wave in range(quarters)] * count
    numbered = [*enumerate(whose, start=first)]
    connection.executemany(
        "INSERT INTO assessment (id, organization_id, clinic_id, questionnaire, "
        "questionnaire_version_id, quarter, state, source, opened_at, message, asks_everyone, "
        "remind_days, revealed_at, agreed_at, closed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, 'closed', 'rated', ?, '', 1, '', ?, ?, ?)",
        [
            (key, *owner, SLUG, version, name, _AT, _AT, _AT, _AT)
            for (key, owner), name in zip(numbered, names, strict=True)
        ],
    )
    connection.executemany(
        "INSERT INTO rating (id, organization_id, clinic_id, assessment_id, source, label, "
        "started_at, submitted_at, revision) VALUES (?, ?, ?, ?, 'web', '', ?, ?, 0)",
        [
            ((key - 1) * raters + rater + 1, *owner, key, _AT, _AT)
            for key, owner in numbered
            for rater in range(raters)
        ],
    )
    raters_too = [one for one in whose for _ in range(raters)]
    connection.executemany(_ANSWER, _each_level((first - 1) * raters + 1, keys, sheets, raters_too))
    agreed = np.rint(sheets.mean(axis=1)).astype(np.int64)
    connection.executemany(_AGREED, _each_level(first, keys, agreed, whose))
    for basis, sources, rates in (("ratings", sheets, sheets), ("agreed", agreed[:, None], sheets)):
        insert_scores(connection, basis, first, whose, names, version, sources, rates)


def _each_level(
    first: int, keys: Sequence[str], levels: Levels, whose: Iterable[tuple[int, int]]
) -> Iterator[tuple[Any, ...]]:
    """(number of the sheet, milestone, level, organization, clinic) of every level."""
    sheets = levels.reshape(-1, len(keys)).tolist()
    return chain.from_iterable(
        zip(repeat(number), keys, row, repeat(owner), repeat(clinic))  # repeat ends never
        for number, (row, (owner, clinic)) in enumerate(zip(sheets, whose, strict=True), first)
    )


def write_csv(database: Path, answers: Path, blocks: Path) -> None:
    """The answers as a file, as others would get them; and which milestone is of which block."""
    connection = sqlite.driver.connect(str(database))
    with answers.open("w", encoding="ascii") as file:
        file.write("clinic,quarter,milestone,level\n")
        cursor = connection.execute(
            "SELECT a.clinic_id || ',' || a.quarter || ',' || w.milestone || ',' || w.level "
            "FROM assessment a JOIN rating r ON r.assessment_id = a.id "
            "JOIN answer w ON w.rating_id = r.id"
        )
        while some := cursor.fetchmany(100_000):
            file.write("\n".join(line for (line,) in some) + "\n")
    connection.close()
    with blocks.open("w", encoding="ascii") as file:
        file.write("milestone,block\n")
        for block in catalog.get(SLUG).blocks:
            file.writelines(f"{one.key},{block.id}\n" for one in block.milestones)
