"""What the facilitator's pages share: who may lead, where a page leads on, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit
from assess.answers import words
from assess.flags import milestone_flags
from assess.job_roles import MilestoneByRole
from assess.meeting.agree_form import AgreeForm, agree_form
from assess.meeting.discussion import Discussion, Item
from assess.meeting.forms import MeetingForm, ParkForm, meeting_form
from assess.meeting.pace import clock_words, timer_words
from assess.meeting.presence import Present, attendance_words
from assess.meeting.revote_panel import get_revote_panel
from assess.queries.discussions import get_discussion
from assess.queries.flags import get_team_flags
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.job_roles import get_milestone_by_role
from assess.queries.meetings import get_present
from core.lists import listed

Page = str | Response | tuple[str, int]
Problems = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Filled:
    """Forms as somebody filled them, when their page comes back, and what is wrong with them."""

    level: AgreeForm | None = None
    reason: ParkForm | None = None
    problems: Problems = field(default_factory=list)


def facilitated(assessment_id: int) -> AssessmentHead:
    """The assessment whose meeting the viewer may lead; before the reveal its results page."""
    head = get_assessment_head(assessment_id)
    permit("assessment.agree", head.scope)
    if not head.is_revealed:
        abort(redirect(url_for("assess.results", assessment_id=assessment_id)))
    return head


def page_of(assessment_id: int, milestone: str | None) -> str:
    """Address of the facilitator's page of a milestone; of the agenda for None."""
    if milestone is None:
        return url_for("assess.agree", assessment_id=assessment_id)
    return url_for("assess.agree_milestone", assessment_id=assessment_id, milestone=milestone)


def render_agenda(
    head: AssessmentHead, *, settings: MeetingForm | None = None, problems: Problems | None = None
) -> str:
    """The agenda as it stands now."""
    talk = get_discussion(head)
    return render_template(
        "assess/agree.html",
        head=head,
        talk=talk,
        settings=settings or meeting_form(talk.meeting),
        present=get_present(talk.meeting.present) if talk.meeting else Present(),
        attendance_words=attendance_words,
        flags={item.key: milestone_flags(item.result, talk.since) for item in talk.items},
        team_flags=get_team_flags(head, [item.result for item in talk.items]),
        timer_words=timer_words,
        clock_words=clock_words,
        problems=problems or [],
    )


def render_milestone(
    head: AssessmentHead,
    milestone: str,
    filled: Filled | None = None,
    talk: Discussion | None = None,
) -> str:
    """The page of one milestone as it stands now, with what somebody filled in. Raises NotFound."""
    talk = talk or get_discussion(head)
    item = talk.item(milestone)
    filled = filled or Filled()
    level = filled.level or agree_form(item.result.milestone, item.agreed)
    is_elsewhere = talk.at is not None and talk.at is not item
    return render_template(
        "assess/agree_milestone.html",
        head=head,
        talk=talk,
        item=item,
        form=level,
        park_form=filled.reason or _park_form(item),
        by_role=get_milestone_by_role(head.id, item.result.milestone),
        role_words=role_words,
        flags=milestone_flags(item.result, talk.since),
        panel=get_revote_panel(head.id, item.result, talk.raters),
        moves=talk.is_running and not is_elsewhere and head.state == "revealed",
        is_elsewhere=is_elsewhere,
        listed=listed,
        timer_words=timer_words,
        clock_words=clock_words,
        words=words,
        problems=filled.problems + level.problems,
    )


def role_words(one: MilestoneByRole) -> str:
    """How far the groups are apart, from one described level up; empty below."""
    scale = one.milestone.scale
    step = (scale.maximum - scale.minimum + 1) / len(scale.bands)
    if one.gap < step:
        return ""
    means = sorted((spread.mean, spread.group) for spread in one.spreads if spread.mean is not None)
    (low, lower), (high, higher) = means[0], means[-1]
    return f"{lower} {low:.1f} on average, {higher.lower()} {high:.1f}."


def _park_form(item: Item) -> ParkForm:
    return ParkForm(None, data={"reason": item.parked.reason if item.parked else ""})
