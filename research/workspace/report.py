"""What the trends page says about a study, part by part, without markup. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from assess.trends.warnings import Warning
from research.raters import SameRaters
from research.study import Study
from research.words import span, study_words
from research.workspace import checks, groups, statements, tables
from research.workspace import raters as again
from research.workspace.parts import LeftOut, Statement, Table


@dataclass(frozen=True, slots=True)
class Report:
    """The page in the order in which it is read; None or empty where there is nothing to say.

    `one_clinic` is the id of the only clinic of the study: it has a run chart instead of a test.
    """

    words: str
    span: str
    sentence: str
    certainty: str | None
    advice: str | None
    one_clinic: int | None
    warnings: tuple[Warning, ...]
    statistics: tuple[Statement, ...]
    published: tuple[str, ...]
    scores: Table
    checks: tuple[Statement, ...]
    left_out: tuple[LeftOut, ...]
    complete: str | None
    organizations: Statement | None
    pairs: Table | None
    groups: groups.GroupReport | None
    raters: Table | None
    means: Table
    basis: str


def report_on(study: Study, raters: SameRaters) -> Report:
    """Everything the page says about a study, and about who rated again in it."""
    simple, one = study.selection.simple, len(study.clinics) == 1
    return Report(
        words=study_words(study),
        span=span(study.times),
        sentence=statements.sentence(study),
        certainty=statements.certainty(study),
        advice=statements.advice(study),
        one_clinic=study.clinics[0].id if one else None,
        warnings=(*checks.warnings(study), *again.warnings(raters)),
        statistics=statements.statistics(study),
        published=statements.differences(study) if study.selection.is_published else (),
        scores=tables.plain_scores(study) if simple else tables.scores(study),
        checks=() if simple else checks.assumptions(study),
        left_out=checks.left_out(study),
        complete=checks.complete(study),
        organizations=None if simple else checks.organizations(study),
        pairs=None if simple else tables.pairs(study),
        groups=None if simple else groups.compare(study),
        raters=None if simple else again.table(raters),
        means=tables.means(study),
        basis=study.basis_note,
    )
