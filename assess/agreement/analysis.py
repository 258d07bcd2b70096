"""Everything this version can say about a table of ratings, as one mapping ready for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from assess.agreement.intraclass import IntraclassTable, intraclass
from assess.agreement.kappa import Kappas, cohen_kappas
from assess.agreement.krippendorff import Alpha, krippendorff_alpha
from assess.agreement.rwg import WithinGroup, within_group
from assess.agreement.table import CompleteRatings, RatingTable
from assess.trends.analysis import Json, plain


@dataclass(frozen=True, slots=True)
class Agreement:
    """All results of one table; `complete` is the part that the intraclass correlations rest on."""

    complete: CompleteRatings
    icc: IntraclassTable
    krippendorff_alpha: Alpha
    kappa: Kappas
    rwg: WithinGroup


def analyse_agreement(table: RatingTable, levels: int | None) -> Agreement:
    """Test how far raters agree; never raises for odd values, see each status."""
    complete = table.only_complete_subjects()
    return Agreement(
        complete=complete,
        icc=intraclass(complete),
        krippendorff_alpha=krippendorff_alpha(table),
        kappa=cohen_kappas(table),
        rwg=within_group(table, levels),
    )


def as_json(table: RatingTable, agreement: Agreement) -> dict[str, Json]:
    """The analysis as the published test cases spell it, plus who was left out.

    `icc` and `kappa` are lists; where nothing can be estimated, a status with its reason instead.
    """
    return {
        "n_subjects": len(table.subjects),
        "n_raters": len(table.raters),
        "icc": _rows(agreement.icc),
        "krippendorff_alpha": plain(asdict(agreement.krippendorff_alpha)),
        "kappa": _rows(agreement.kappa),
        "rwg": plain(asdict(agreement.rwg)),
        "subjects": list(table.subjects),
        "left_out": [
            {"subject": left.subject, "missing": [str(rater) for rater in left.missing]}
            for left in agreement.complete.left_out
        ],
    }


def _rows(result: IntraclassTable | Kappas) -> Json:
    if result.rows is not None:
        return [plain(asdict(row)) for row in result.rows]
    return plain({"status": result.status, "reason": result.reason})
