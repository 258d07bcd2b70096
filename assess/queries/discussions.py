"""Reads the agenda of a meeting in its order, with what is agreed and parked (six statements)."""

from __future__ import annotations

from assess.meeting.agenda import agenda
from assess.meeting.discussion import Discussion, Item
from assess.queries.agreements import get_agreements
from assess.queries.heads import AssessmentHead
from assess.queries.meetings import get_meeting
from assess.queries.results import get_results


def get_discussion(head: AssessmentHead) -> Discussion:
    """The agenda of a revealed assessment."""
    results, agreements, meeting = get_results(head), get_agreements(head.id), get_meeting(head.id)
    every = [one for block in results.milestones.values() for one in block]
    parked = meeting.parked if meeting else {}
    items = tuple(
        Item(
            result=one,
            block_title=head.instrument.block_of(one.milestone.key).title,
            agreed=agreements.get(one.milestone.key),
            parked=parked.get(one.milestone.key),
        )
        for one in agenda(every)
    )
    return Discussion(items, meeting, since=results.since, raters=results.raters)
