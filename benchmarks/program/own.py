"""The seven analyses from rollups, in a process of its own; prints what it found as JSON."""

from __future__ import annotations

import json
import sys

from flask import Flask

from assess.queries.rollups import read_rollups
from assess.scoring import Basis
from assess.trends.anova import repeated_measures
from assess.trends.observations import Observations
from core import sqlite, tenancy
from core.db import db


def main(database: str) -> None:
    """Read the rollups of a SQLite file and analyze six blocks and the overall score."""
    app = Flask("benchmark")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{database}"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"module": sqlite.driver}
    db.init_app(app)
    with app.app_context(), tenancy.whole_program():
        table = read_rollups(None, "six_building_blocks", Basis.RATINGS)
        db.session.remove()
        db.engine.dispose()
    clinics = [str(key) for key in table.clinics]
    found = {}
    for key in table.keys:
        matrix = table.matrix(table.score(key))
        result = repeated_measures(
            Observations.from_matrix(matrix, clinics, table.quarter_names).complete
        )
        found[key] = {"F": result.F, "eps": result.eps_gg, "p": result.p, "p_gg": result.p_gg}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
