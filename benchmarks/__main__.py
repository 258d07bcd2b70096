"""`./run bench`: what the main tasks cost, and a large program beside what others would use.

`--quick` makes the large program a small one; `program` is that part alone. `load` lets many raters
save at once.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from benchmarks import completion, full_report, load, plan_pdf, rm_anova, sign_in
from benchmarks.program import comparing, making
from benchmarks.sign_in_load import SIGN_INS_AT_ONCE
from benchmarks.timing import cpu_milliseconds


@dataclass(frozen=True, slots=True)
class Line:
    """One task with its floor, in CPU milliseconds."""

    task: str
    floor: str
    own_ms: float
    floor_ms: float


def main() -> None:
    """Print the table; nothing is asserted, because a machine's speed is not a bug."""
    lines = _lines()
    print(f"{'task':<42} {'CPU ms':>9} {'floor ms':>9} {'ratio':>7}  floor")
    for line in lines:
        ratio = line.own_ms / line.floor_ms
        print(f"{line.task:<42} {line.own_ms:9.2f} {line.floor_ms:9.3f} {ratio:7.1f}  {line.floor}")
    print(_beside_sign_ins())


def at_size(*, quick: bool) -> None:
    """Print what the analyses of a large program cost, beside others."""
    comparing.main(making.QUICK if quick else making.FULL)


def _beside_sign_ins() -> str:
    """What a rater feels while others sign in: milliseconds on the clock, not CPU time."""
    page = sign_in.measure()
    return (
        f"\nrating page, 95 of 100 within: {page['quiet_p95_ms']:.1f} ms alone, "
        f"{page['busy_p95_ms']:.1f} ms beside {page['sign_ins_per_second']:.0f} sign-ins a second "
        f"by {SIGN_INS_AT_ONCE} people at once: {page['p95_ratio']:.1f} times as long"
    )


def _lines() -> list[Line]:
    rating = completion.measure()
    anova = rm_anova.measure()
    report = full_report.measure()
    pdf = cpu_milliseconds(plan_pdf.prepare(), 5)
    page, page_floor = rating["rating_page_ms"], rating["rating_page_floor_ms"]
    web = "Flask + SQLAlchemy, same bytes"
    return [
        Line("rating page", web, page, page_floor),
        Line(
            "full completion (page, 26 saves, finish)",
            web,
            rating["completion_ms"],
            rating["completion_floor_ms"],
        ),
        Line(
            "RM-ANOVA 20 clinics x 6 quarters",
            "numpy: the bare F, no corrections",
            anova["rm_anova_ms"],
            anova["floor_ms"],
        ),
        Line(
            "RM-ANOVA 20 clinics x 6 quarters", "one floor page", anova["rm_anova_ms"], page_floor
        ),
        Line(
            "full report 20 clinics x 8 quarters",
            "numpy: the bare F, no corrections",
            report["full_report_ms"],
            report["floor_ms"],
        ),
        Line("action plan as PDF (2 goals, 8 actions)", "one floor page", pdf, page_floor),
    ]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["load"]:
        load.main(arguments[1:])
    elif set(arguments) <= {"program", "--quick"}:
        if "program" not in arguments:
            main()
        at_size(quick="--quick" in arguments)
    else:
        sys.exit(f"./run bench does not know {' '.join(arguments)}; see ./run help")
