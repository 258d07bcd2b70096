"""Pages on which somebody rates: list of blocks, one block, check, done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import current_joined, permit, requires, visitor
from assess.blueprint import blueprint
from assess.forms import BlockForm, block_form
from assess.holding import AssessmentClosed, RatingEnded
from assess.queries.sheets import Sheet, get_sheet
from assess.raters import Rater, rater_of
from assess.rating import giving
from assess.rating.holding import hold_rating
from assess.scoring import score_assessment
from assess.views.claiming import unclaimed_here
from assess.views.joining import let_go
from assess.views.tiles import ready_tiles
from core import transactions
from core.errors import NotFound
from questionnaires.instrument import Block

SOMEBODY_ELSES = (
    "These answers were started by another person. Sign out and sign in as that person to save "
    "them, or choose your own answers and save."
)
LAST_ONE_ON_THIS_DEVICE = (
    "These answers were started by the person before you on this device. "
    "Choose your own answers and save."
)

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Task:
    """A block in the list of what there is to rate."""

    block: Block
    href: str
    answered: int

    @property
    def title(self) -> str:
        return self.block.title

    @property
    def total(self) -> int:
        return len(self.block.milestones)

    @property
    def is_open(self) -> bool:
        return self.answered < self.total


@blueprint.get("/assessments/<int:assessment_id>/rate")
@requires("assessment.rate")
def rate(assessment_id: int) -> Page:
    sheet = _sheet(assessment_id)
    unclaimed = None if sheet.is_over else unclaimed_here(assessment_id)
    return render_template(
        "assess/rate.html", sheet=sheet, tasks=_tasks(sheet), unclaimed=unclaimed
    )


@blueprint.post("/assessments/<int:assessment_id>/rate")
@requires("assessment.rate")
def start_rating(assessment_id: int) -> Page:
    sheet = _sheet(assessment_id)
    _rating_of(sheet, _rater())
    return redirect(_block_page(sheet, sheet.instrument.blocks[0]))


@blueprint.get("/assessments/<int:assessment_id>/rate/<block_id>")
@requires("assessment.rate")
def rate_block(assessment_id: int, block_id: str) -> Page:
    sheet = _sheet(assessment_id)
    block = _block(sheet, block_id)
    if sheet.rating_id is None or sheet.is_over:
        return redirect(url_for("assess.rate", assessment_id=assessment_id))
    return _render_block(sheet, block, block_form(block, sheet.answers))


@blueprint.post("/assessments/<int:assessment_id>/rate/<block_id>")
@requires("assessment.rate")
def save_block(assessment_id: int, block_id: str) -> Page:
    sheet = _sheet(assessment_id)
    block = _block(sheet, block_id)
    form = block_form(block, sheet.answers, request.form)
    if not form.validate():
        return _render_block(sheet, block, form), 422
    if _is_of_another_sheet(sheet):
        # somebody else came in between: these answers belong to another person's sheet
        words = LAST_ONE_ON_THIS_DEVICE if current_joined() else SOMEBODY_ELSES
        return _render_block(sheet, block, form, [("#blocks", words)]), 409
    clear = request.form.get("clear")
    try:
        merged = giving.save_answers(
            rating=hold_rating(_rating_of(sheet, _rater())),
            sent=form.sent(sheet.answers, clear),
            person_id=_rater().person_id,
        )
    except (AssessmentClosed, RatingEnded) as ended:
        if sheet.rating_id is None:
            raise
        return _render_block(sheet, block, form, [("#blocks", str(ended))]), ended.status
    if merged.clashes:
        transactions.keep()
        form.show_clashes(merged.clashes)
        return _render_block(sheet, block, form), 409
    if clear:
        return redirect(_block_page(sheet, block, clear))
    return redirect(_after(sheet, block))


@blueprint.get("/assessments/<int:assessment_id>/rate/check")
@requires("assessment.rate")
def check_rating(assessment_id: int) -> Page:
    sheet = _sheet(assessment_id)
    if sheet.rating_id is None:
        return redirect(url_for("assess.rate", assessment_id=assessment_id))
    return _render_check(sheet)


@blueprint.post("/assessments/<int:assessment_id>/rate/finish")
@requires("assessment.rate")
def finish_rating(assessment_id: int) -> Page:
    sheet = _sheet(assessment_id)
    if sheet.rating_id is None:
        return redirect(url_for("assess.rate", assessment_id=assessment_id))
    if _is_of_another_sheet(sheet):
        return redirect(url_for("assess.check_rating", assessment_id=assessment_id))
    try:
        giving.finish_rating(rating=hold_rating(sheet.rating_id))
    except giving.NothingAnswered as refused:
        return _render_check(sheet, str(refused)), refused.status
    held = current_joined()
    if held is not None and held.is_shared:
        return let_go(held, finished=True)
    return redirect(url_for("assess.rating_done", assessment_id=assessment_id))


@blueprint.get("/assessments/<int:assessment_id>/rate/done")
@requires("assessment.rate")
def rating_done(assessment_id: int) -> Page:
    sheet = _sheet(assessment_id)
    if sheet.finished_at is None:
        return redirect(url_for("assess.check_rating", assessment_id=assessment_id))
    own = {key: answer.value for key, answer in sheet.answers.items()}
    scores = score_assessment(sheet.instrument, [own])
    return render_template(
        "assess/rate_done.html", sheet=sheet, scores=scores, missing=_missing(sheet)
    )


def _rater() -> Rater:
    return rater_of(visitor())


def _sheet(assessment_id: int) -> Sheet:
    sheet = get_sheet(assessment_id, _rater())
    permit("assessment.rate", sheet.scope)
    return sheet


def _rating_of(sheet: Sheet, rater: Rater) -> int:
    """The rating on the sheet, begun now if need be; a device had one before it came here."""
    if sheet.rating_id is not None:
        return sheet.rating_id
    if rater.person_id is None:
        raise NotFound("There is no rating on this device. Scan the code on the poster again.")
    return giving.start_rating(assessment_id=sheet.assessment_id, person_id=rater.person_id)


def _is_of_another_sheet(sheet: Sheet) -> bool:
    return request.form.get("rating", "") not in {"", str(sheet.rating_id)}


def _block(sheet: Sheet, block_id: str) -> Block:
    try:
        return sheet.instrument.block(block_id)
    except KeyError as error:
        raise NotFound("This questionnaire has no such block. Choose one from the list.") from error


def _tasks(sheet: Sheet) -> list[Task]:
    return [
        Task(
            block=block,
            href=_block_page(sheet, block),
            answered=sum(sheet.answer(one.key).value.answered for one in block.milestones),
        )
        for block in sheet.instrument.blocks
    ]


def _missing(sheet: Sheet) -> int:
    keys = (milestone.key for milestone in sheet.instrument.milestones)
    return sum(not sheet.answer(key).value.answered for key in keys)


def _render_check(sheet: Sheet, problem: str = "") -> str:
    problems = [("#blocks", problem)] if problem else []
    return render_template(
        "assess/rate_check.html", sheet=sheet, missing=_missing(sheet), problems=problems
    )


def _render_block(
    sheet: Sheet, block: Block, form: BlockForm, problems: list[tuple[str, str]] | None = None
) -> str:
    return render_template(
        "assess/rate_block.html",
        sheet=sheet,
        block=block,
        form=form,
        problems=(problems or []) + form.problems,
        tiles=ready_tiles,
    )


def _block_page(sheet: Sheet, block: Block, milestone: str | None = None) -> str:
    return url_for(
        "assess.rate_block",
        assessment_id=sheet.assessment_id,
        block_id=block.id,
        _anchor=f"m-{milestone}" if milestone else None,
    )


def _after(sheet: Sheet, block: Block) -> str:
    """The next block in order; after the last one, the page on which to check all answers."""
    following = sheet.instrument.blocks[block.number : block.number + 1]
    if following:
        return _block_page(sheet, following[0])
    return url_for("assess.check_rating", assessment_id=sheet.assessment_id)
