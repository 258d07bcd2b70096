"""The same seven analyses with pandas and pingouin; runs in an environment of its own.

pingouin is under the GPL: it is measured beside Blockwise and never a part of it.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import warnings

import pandas
import pingouin

ANSWERS = """
    SELECT assessment.clinic_id AS clinic, assessment.quarter, answer.milestone, answer.level
    FROM answer
    JOIN rating ON rating.id = answer.rating_id
    JOIN assessment ON assessment.id = rating.assessment_id
    WHERE rating.submitted_at IS NOT NULL AND answer.level IS NOT NULL
"""


def main(database: str, blocks: str) -> None:
    """Read the answers of a SQLite file, score them and analyze six blocks and the overall."""
    warnings.simplefilter("ignore")
    with sqlite3.connect(database) as connection:
        answers = pandas.read_sql(ANSWERS, connection)
    keys = ["clinic", "quarter", "milestone"]
    milestones = answers.groupby(keys, as_index=False)["level"].mean()
    of_block = pandas.read_csv(blocks)
    milestones = milestones.merge(of_block, on="milestone")
    scores = milestones.groupby(["clinic", "quarter", "block"], as_index=False)["level"].mean()
    overall = scores.groupby(["clinic", "quarter"], as_index=False)["level"].mean()
    tables = {key: scores[scores["block"] == key] for key in of_block["block"].unique()}
    found = {}
    for key, table in {**tables, "overall": overall}.items():
        row = pingouin.rm_anova(
            data=table, dv="level", within="quarter", subject="clinic", correction=True
        ).iloc[0]
        p_gg = next(row[name] for name in ("p_GG_corr", "p-GG-corr") if name in row)
        p = next(row[name] for name in ("p_unc", "p-unc") if name in row)
        found[key] = {"F": row["F"], "eps": row["eps"], "p": p, "p_gg": p_gg}
    print(json.dumps({key: {name: float(one) for name, one in row.items()}
                      for key, row in found.items()}))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
