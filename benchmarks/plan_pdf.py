"""Times the PDF of a usual plan: two goals, eight actions, one to two pages of US Letter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from action_plans.sheet import PlanSheet, SheetAction, SheetBlock, SheetGoal, sheet_context
from core.pdf import render_pdf

ROOT = Path(__file__).resolve().parent.parent
STYLESHEETS = (ROOT / "static/css/sheet.css", ROOT / "static/css/plan_sheet.css")
SAVED = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)


def usual_sheet() -> PlanSheet:
    """A plan of the usual size with fictional content."""
    return PlanSheet(
        clinic="Cedar Creek Family Clinic",
        organization="Three Rivers Health (fictional)",
        quarter="Q4 2026",
        ends_on=date(2026, 12, 31),
        previous_quarter="Q3 2026",
        state="active",
        met_on=date(2026, 10, 14),
        participants=(
            "Dr. A. Lindqvist (clinic lead), M. Okafor (nurse), "
            "R. Delgado (medical assistant), P. Hume (front desk), J. Sato (coach)"
        ),
        next_meeting=date(2027, 1, 13),
        lowest=1,
        highest=4,
        basis="agreed levels",
        blocks=_blocks(),
        goals=(_list_goal(), _refill_goal()),
        reflection="",
        questionnaire="Six Building Blocks self-assessment 1.0.0",
        saved_at=SAVED,
        url="https://blockwise.example.org/plans/27",
        is_demo=True,
    )


def plan_html(sheet: PlanSheet) -> str:
    """The sheet as HTML through the real template, without a web application."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=select_autoescape()
    )
    template = environment.get_template("action_plans/sheet.html")
    return template.render(**sheet_context(sheet))


def plan_pdf(sheet: PlanSheet) -> bytes:
    """The PDF of a sheet, from template to bytes."""
    return render_pdf(
        plan_html(sheet),
        stylesheet=STYLESHEETS,
        title=sheet.title,
        language=sheet.language,
        created=sheet.saved_at,
        modified=sheet.saved_at,
        identifier=f"{sheet.url} {sheet.saved_at.isoformat()}",
    )


def prepare() -> Callable[[], bytes]:
    """Warm up and return the call to time: one PDF, from dataclass to bytes."""
    sheet = usual_sheet()
    plan_pdf(sheet)
    return lambda: plan_pdf(sheet)


def main(rounds: int = 10) -> None:
    """Print the CPU milliseconds of one PDF, best and middle of `rounds`."""
    call = prepare()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        times.append(1000 * (time.process_time() - start))
    times.sort()
    print(f"plan PDF: best {times[0]:.0f} ms, median {times[len(times) // 2]:.0f} ms CPU")


def _blocks() -> tuple[SheetBlock, ...]:
    return (
        SheetBlock("Leadership and consensus", 3.0, 0.3, "strong", 1, 3),
        SheetBlock("Policies, agreements and workflows", 2.5, 0.3, "under_way", 1, 4),
        SheetBlock("Tracking and monitoring", 1.4, -0.2, "needs_work", 0, 5),
        SheetBlock("Planned, patient-centered visits", 2.2, 0.0, "under_way", 0, 6),
        SheetBlock("Caring for patients with complex needs", 2.7, 0.5, "under_way", 2, 6),
        SheetBlock("Measuring success", None, None, None, 0, 2, "No score yet: 0 of 2 answered"),
    )


def _list_goal() -> SheetGoal:
    return SheetGoal(
        block="Tracking and monitoring",
        milestone="The clinic keeps a list of its patients on long-term opioids",
        now="1 Not started",
        now_text="Nobody can say which patients are on long-term opioids without asking around.",
        target="2 Begun",
        target_text=(
            "A first list exists. It was made once from the health record and has known gaps."
        ),
        how_we_know=(
            "A dated list of patients is in the shared folder, and each clinician "
            "has checked their own part of it by December 11."
        ),
        actions=(
            SheetAction(
                "Write down who counts as on long-term opioids and have the team agree",
                "Dr. A. Lindqvist",
                date(2026, 10, 23),
                "done",
                tip="Start from a simple rule, such as three prescriptions in the last 90 days.",
            ),
            SheetAction(
                "Ask the vendor of the health record for a report of opioid prescriptions",
                "M. Okafor",
                date(2026, 11, 6),
                "under_way",
                obstacle="The health record cannot produce the list. Try: begin with pharmacy "
                "reports and correct them by hand.",
            ),
            SheetAction(
                "Each clinician checks the names on their part of the list",
                "All clinicians",
                date(2026, 12, 11),
                "not_started",
            ),
            SheetAction(
                "Name one person who updates the list on the first Monday of the month",
                "R. Delgado",
                date(2026, 12, 18),
                "not_started",
                carried="Q3 2026",
            ),
        ),
    )


def _refill_goal() -> SheetGoal:
    return SheetGoal(
        block="Policies, agreements and workflows",
        milestone="Refills follow one written workflow that everyone knows",
        now="2 Begun",
        now_text="A refill workflow is written, but many staff have not seen it.",
        target="3 Partly in place",
        target_text="Staff were shown the workflow and most refills follow it on most days.",
        how_we_know="Of ten refills picked at random in December, seven followed the steps.",
        actions=(
            SheetAction(
                "Put the workflow on one page and hang it at each workstation",
                "P. Hume",
                date(2026, 10, 30),
                "done",
            ),
            SheetAction(
                "Walk through three real refills in the November staff meeting",
                "J. Sato",
                date(2026, 11, 18),
                "under_way",
                tip="Use stories from your own clinic: they win people over faster than slides.",
            ),
            SheetAction(
                "Check ten refills at random and share what we find",
                "M. Okafor",
                date(2026, 12, 9),
                "not_started",
                obstacle="No time to look at charts. Try: two charts at the end of each huddle.",
            ),
            SheetAction("Order a second printer for the refill desk", "", None, "stopped"),
        ),
    )


if __name__ == "__main__":
    main()
