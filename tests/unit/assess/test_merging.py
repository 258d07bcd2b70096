"""What a batch of sent answers does to the stored ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.answers import (
    DONT_KNOW,
    NOTE_LIMIT,
    UNANSWERED,
    AnswerValue,
    SentAnswer,
    StoredAnswer,
    clean_note,
)
from assess.rating.merging import merge, note_problem

KEYS = ["a", "b", "c"]
values = st.one_of(
    st.integers(1, 4).map(AnswerValue.level), st.sampled_from([DONT_KNOW, UNANSWERED])
)
notes = st.sampled_from(["", "Minutes", "Policy"])
sent_batches = st.lists(
    st.builds(
        SentAnswer, st.sampled_from(KEYS), values, st.none() | notes, revision=st.integers(0, 3)
    ),
    unique_by=lambda answer: answer.milestone,
)
stored_sheets = st.lists(
    st.builds(StoredAnswer, st.sampled_from(KEYS), values, notes, revision=st.integers(1, 3)),
    unique_by=lambda answer: answer.milestone,
).map(lambda answers: {answer.milestone: answer for answer in answers})


@given(sent_batches, stored_sheets)
def test_every_answer_is_either_saved_or_a_clash(
    sent: list[SentAnswer], stored: dict[str, StoredAnswer]
) -> None:
    merged = merge(sent, stored, {})
    clashed = {clash.sent.milestone for clash in merged.clashes}
    assert set(merged.revisions) | clashed == {answer.milestone for answer in sent}
    assert not set(merged.revisions) & clashed
    assert {change.new.milestone for change in merged.changes} <= set(merged.revisions)


@given(sent_batches, stored_sheets)
def test_repeating_a_batch_changes_nothing(
    sent: list[SentAnswer], stored: dict[str, StoredAnswer]
) -> None:
    first = merge(sent, stored, {})
    after = stored | {change.new.milestone: change.new for change in first.changes}
    again = merge(sent, after, {})
    assert again.changes == ()
    assert again.revisions == first.revisions
    assert again.clashes == first.clashes


@given(sent_batches, stored_sheets)
def test_a_change_builds_on_what_stands_and_counts_one_further(
    sent: list[SentAnswer], stored: dict[str, StoredAnswer]
) -> None:
    seen = {answer.milestone: answer.revision for answer in sent}
    for change in merge(sent, stored, {}).changes:
        assert change.old.revision == seen[change.new.milestone]
        assert change.new.revision == change.old.revision + 1


@pytest.mark.parametrize("stored", [{}, {"a": StoredAnswer("a", AnswerValue.level(4), "", 2)}])
def test_a_revision_from_the_future_overwrites_nothing(stored: dict[str, StoredAnswer]) -> None:
    """The server went back to a backup: what stands now was never seen by whoever sends."""
    sent = SentAnswer("a", AnswerValue.level(3), "", revision=7)
    merged = merge([sent], stored, {})
    assert (merged.changes, dict(merged.revisions)) == ((), {})
    assert [clash.sent for clash in merged.clashes] == [sent]


def test_a_note_left_out_stays() -> None:
    stored = {"a": StoredAnswer("a", DONT_KNOW, "Minutes", 1)}
    (change,) = merge([SentAnswer("a", AnswerValue.level(2), None, 1)], stored, {}).changes
    assert change.new == StoredAnswer("a", AnswerValue.level(2), "Minutes", 2)


def test_a_replayed_answer_keeps_the_revision_of_its_first_reply() -> None:
    first = StoredAnswer("a", AnswerValue.level(2), "", 1)
    stored = {"a": StoredAnswer("a", AnswerValue.level(4), "", 5)}
    merged = merge([SentAnswer("a", AnswerValue.level(2), "", 0)], stored, {"a": first})
    assert (merged.revisions, merged.changes, merged.clashes) == ({"a": 1}, (), ())


def test_a_key_used_again_for_another_answer_does_not_hide_it() -> None:
    first = StoredAnswer("a", AnswerValue.level(2), "", 1)
    merged = merge([SentAnswer("a", AnswerValue.level(3), "", 1)], {"a": first}, {"a": first})
    assert merged.revisions == {"a": 2}


def test_a_note_is_measured_in_characters() -> None:
    assert note_problem("😀" * NOTE_LIMIT) is None
    assert "is 1 character too long" in (note_problem("x" * (NOTE_LIMIT + 1)) or "")
    assert "is 9,998,000 characters too long" in (note_problem("x" * 10_000_000) or "")


@given(st.text())
def test_a_clean_note_can_be_stored_and_stays_clean(text: str) -> None:
    note = clean_note(text)
    note.encode("utf-8")
    assert "\0" not in note
    assert "\r" not in note
    assert clean_note(note) == note
