"""The rating pages without JavaScript: nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue, StoredAnswer
from assess.queries.ratings import get_answers
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]

INSTRUMENT = catalog.get("six_building_blocks")
MATURITY = catalog.get("six_building_blocks_maturity")
FIRST_BLOCK, SECOND_BLOCK = INSTRUMENT.blocks[:2]
LAST_BLOCK = INSTRUMENT.blocks[-1]
FIRST, SECOND, THIRD = (milestone.key for milestone in FIRST_BLOCK.milestones)


@pytest.fixture
def member(signed_in: SignedIn, cast: Cast) -> CheckingClient:
    return signed_in(cast.member)


def list_page(assessment: int) -> str:
    return f"/assessments/{assessment}/rate"


def block_page(assessment: int, block: str = FIRST_BLOCK.id) -> str:
    return f"/assessments/{assessment}/rate/{block}"


def fields(level: object, *, note: str = "", revision: int = 0, key: str = FIRST) -> dict[str, str]:
    return {f"level-{key}": str(level), f"note-{key}": note, f"revision-{key}": str(revision)}


def stored(app: Flask, rating: int, key: str = FIRST) -> StoredAnswer:
    with app.app_context():
        return get_answers(rating)[key]


def test_before_starting_the_page_says_what_it_is_and_writes_nothing(
    member: CheckingClient, assessment: int
) -> None:
    page = member.get(list_page(assessment)).text
    assert "26 milestones in 6 blocks" in page
    assert "Start rating" in page
    assert member.get(block_page(assessment)).location == list_page(assessment)
    assert member.get(list_page(assessment) + "/check").location == list_page(assessment)


def test_starting_leads_to_the_first_block(member: CheckingClient, assessment: int) -> None:
    answer = member.send(list_page(assessment), page=list_page(assessment))
    assert answer.location == block_page(assessment)
    page = member.get(answer.location).text
    assert "Block 1 of 6, <span data-answered>0</span> of 3 answered" in page
    assert " checked" not in page
    assert page.count("data-card") == 3
    for milestone in FIRST_BLOCK.milestones:
        for level in range(1, 5):
            assert milestone.levels[level] in page.replace("&#39;", "'")


def test_a_block_is_saved_as_a_whole_and_leads_to_the_next(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    sent = {**fields(3, note="Minutes\r\nof May"), **fields("dont_know", key=SECOND)}
    answer = member.send(block_page(assessment), sent, page=block_page(assessment))
    assert answer.location == block_page(assessment, SECOND_BLOCK.id)
    assert stored(app, rating).value == AnswerValue.level(3)
    assert stored(app, rating).note == "Minutes\nof May"
    assert stored(app, rating, SECOND).value == DONT_KNOW
    page = member.get(list_page(assessment)).text
    assert "2 of 26 answered" in page
    assert "2 of 3 answered" in page


def test_the_last_block_leads_to_the_check(
    member: CheckingClient, assessment: int, rating: int
) -> None:
    answer = member.send(
        block_page(assessment, LAST_BLOCK.id), {}, page=block_page(assessment, LAST_BLOCK.id)
    )
    assert answer.location == list_page(assessment) + "/check"


def test_not_applicable_is_an_answer_where_it_is_allowed(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    block, milestone = next(
        (block, one) for block in INSTRUMENT.blocks for one in block.milestones if one.na_allowed
    )
    page = block_page(assessment, block.id)
    member.send(page, fields("not_applicable", key=milestone.key), page=page)
    assert stored(app, rating, milestone.key).value == NOT_APPLICABLE


@pytest.mark.parametrize("level", ["5", "0", "-1", "two", "3.5", "99999999999999999999", "٣"])
def test_a_level_off_the_scale_is_named_at_its_card_and_the_rest_is_kept(
    app: Flask, member: CheckingClient, assessment: int, rating: int, level: str
) -> None:
    sent = {**fields(level, note="typed"), **fields(2, note="also typed", key=SECOND)}
    answer = member.send(block_page(assessment), sent, page=block_page(assessment))
    assert answer.status_code == 422
    assert "Choose a level from 1 to 4." in answer.text
    assert "<title>Error: " in answer.text
    assert f'href="#m-{FIRST}"' in answer.text
    assert ">typed</textarea>" in answer.text
    assert ">also typed</textarea>" in answer.text
    with app.app_context():
        assert get_answers(rating) == {}


def test_a_note_over_the_limit_says_how_many_characters_and_is_kept(
    member: CheckingClient, assessment: int, rating: int
) -> None:
    note = "x" * 2012
    answer = member.send(block_page(assessment), fields(3, note=note), page=block_page(assessment))
    assert answer.status_code == 422
    assert "12 characters too long" in answer.text
    assert note in answer.text
    assert f'href="#m-{FIRST}-note"' in answer.text


def test_a_note_of_half_a_megabyte_comes_back_with_the_page(
    member: CheckingClient, assessment: int, rating: int
) -> None:
    note = "x" * 500_000
    answer = member.send(block_page(assessment), fields(3, note=note), page=block_page(assessment))
    assert answer.status_code == 422
    assert "498,000 characters too long. Shorten it to 2,000" in answer.text
    assert f">{note}</textarea>" in answer.text


def test_a_note_with_odd_characters_is_stored(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    note = "Tab\tand \0nothing, <b>markup</b> & 漢字 😀"
    member.send(block_page(assessment), fields(3, note=note), page=block_page(assessment))
    assert stored(app, rating).note == note.replace("\0", "")
    assert "<b>markup" not in member.get(block_page(assessment)).text


def test_clearing_an_answer_keeps_its_note_and_saves_the_others(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    with app.app_context():
        seeding.rate(rating, {FIRST: 3}, {FIRST: "Here"})
    sent = {
        **fields(3, note="Here", revision=1),
        **fields(2, key=SECOND),
        "clear": FIRST,
    }
    answer = member.send(block_page(assessment), sent, page=block_page(assessment))
    assert answer.location == f"{block_page(assessment)}#m-{FIRST}"
    assert (stored(app, rating).value, stored(app, rating).note) == (UNANSWERED, "Here")
    assert stored(app, rating, SECOND).value == AnswerValue.level(2)


def test_a_form_without_a_choice_leaves_the_answer_alone(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    with app.app_context():
        seeding.rate(rating, {FIRST: 3})
    member.send(block_page(assessment), fields(2, key=SECOND), page=block_page(assessment))
    assert stored(app, rating).value == AnswerValue.level(3)


def test_an_answer_changed_in_another_window_is_shown_and_not_overwritten(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    with app.app_context():
        seeding.rate(rating, {FIRST: 2}, {FIRST: "From the phone"})
    sent = {**fields(4, note="From the desk"), **fields(3, key=SECOND)}
    answer = member.send(block_page(assessment), sent, page=block_page(assessment))
    assert answer.status_code == 409
    assert "changed in another window to “2 Begun”, with the note “From the phone”" in answer.text
    assert ">From the desk</textarea>" in answer.text
    assert stored(app, rating).value == AnswerValue.level(2)
    assert stored(app, rating, SECOND).value == AnswerValue.level(3)
    # the page now builds on what stands: saving again keeps the person's own
    assert f'name="revision-{FIRST}" value="1"' in answer.text
    again = {**fields(4, note="From the desk", revision=1), **fields(3, key=SECOND, revision=1)}
    member.send(block_page(assessment), again, page=block_page(assessment))
    assert stored(app, rating).value == AnswerValue.level(4)


def test_last_quarters_level_is_text_and_nothing_is_preselected(
    app: Flask, member: CheckingClient, cast: Cast
) -> None:
    with app.app_context():
        earlier = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.rate_all(earlier, cast.member, 2)
        seeding.rate_all(earlier, cast.second_member, 4)
        now = seeding.open_assessment(cast.clinic, "2026Q3")
        seeding.start_rating(now, cast.member)
        skipped = seeding.open_assessment(cast.clinic, "2027Q1")
        seeding.start_rating(skipped, cast.second_member)
    page = member.get(block_page(now)).text
    assert page.count("Your answer last quarter: 2 Begun") == 3
    assert "4 Consistently in place</p>" not in page
    assert " checked" not in page


def test_every_milestone_stands_on_the_check_page_with_what_is_missing(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    with app.app_context():
        seeding.rate(rating, {FIRST: 3, SECOND: DONT_KNOW}, {FIRST: "Minutes of May"})
    page = member.get(list_page(assessment) + "/check").text
    assert "24 of 26 not answered yet" in page
    assert "<span data-given>2</span> of 26 milestones are answered" in page
    assert page.count("Not answered<") == 24
    assert "Minutes of May" in page
    assert "3 Partly in place" in page
    assert page.count('class="answer-row"') == 26
    assert f'href="{block_page(assessment)}#m-{FIRST}"' in page


def test_a_few_missing_answers_are_named_first(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    with app.app_context():
        seeding.rate(rating, {one.key: 2 for one in INSTRUMENT.milestones if one.key != THIRD})
    page = member.get(list_page(assessment) + "/check").text
    assert "1 of 26 not answered yet" in page
    assert page.count(f'href="{block_page(assessment)}#m-{THIRD}"') == 2


def test_finishing_is_allowed_with_answers_missing_and_shows_the_persons_own_summary(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    with app.app_context():
        seeding.rate(rating, {FIRST: 3, SECOND: 4})
    check = list_page(assessment) + "/check"
    assert member.get(list_page(assessment) + "/done").location == check
    answer = member.send(list_page(assessment) + "/finish", page=check)
    assert answer.location == list_page(assessment) + "/done"
    page = member.get(answer.location).text
    assert "2 of 26 milestones answered" in page
    assert ">3.5</td>" in page
    assert "No average yet: 0 of 4 have a level" in page
    assert "You have finished rating" in member.get(list_page(assessment)).text


def test_answers_can_change_after_finishing(
    app: Flask, member: CheckingClient, assessment: int, cast: Cast
) -> None:
    with app.app_context():
        rating = seeding.rate_all(assessment, cast.member, 2)
    member.send(block_page(assessment), fields(4, revision=1), page=block_page(assessment))
    assert stored(app, rating).value == AnswerValue.level(4)


def test_closing_in_the_middle_of_a_page_keeps_what_was_typed(
    app: Flask, member: CheckingClient, assessment: int, rating: int
) -> None:
    token_page = block_page(assessment)
    token = member.csrf_token(token_page)
    with app.app_context():
        seeding.close(assessment)
    sent = {**fields(3, note="typed"), "csrf_token": token}
    answer = member.post(block_page(assessment), data=sent)
    assert answer.status_code == 409
    assert "This assessment is closed" in answer.text
    assert ">typed</textarea>" in answer.text
    assert member.get(block_page(assessment)).location == list_page(assessment)
    assert "Answers can no longer change" in member.get(list_page(assessment)).text
    assert "Finish and share" not in member.get(list_page(assessment) + "/check").text
    finish = member.post(list_page(assessment) + "/finish", data={"csrf_token": token})
    assert finish.status_code == 409


def test_an_expired_session_loses_nothing(
    app: Flask, client: CheckingClient, member: CheckingClient, assessment: int, rating: int
) -> None:
    import re
    from html import unescape

    sent = {
        **fields(3, note='Two\nlines & a "quote"'),
        **fields(1, key=SECOND),
        "rating": str(rating),
    }
    answer = client.post(block_page(assessment), data=sent)
    assert answer.status_code == 401
    kept = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'name="(resume-[^"]+)" value="([^"]*)"', answer.text)
    }
    assert kept["resume-path"] == block_page(assessment)
    back = {name.removeprefix("resume-field-"): text for name, text in kept.items()}
    # signed in again: the page with the kept fields posts them to where they were going
    member.send(block_page(assessment), back, page=block_page(assessment))
    assert stored(app, rating).value == AnswerValue.level(3)
    assert stored(app, rating).note == 'Two\nlines & a "quote"'
    assert stored(app, rating, SECOND).value == AnswerValue.level(1)


def test_kept_answers_are_not_saved_in_another_persons_name(
    app: Flask, signed_in: SignedIn, cast: Cast, assessment: int, rating: int
) -> None:
    with app.app_context():
        other = seeding.start_rating(assessment, cast.second_member)
    sent = {**fields(3), "rating": str(rating)}
    answer = signed_in(cast.second_member).send(
        block_page(assessment), sent, page=block_page(assessment)
    )
    assert answer.status_code == 409
    assert "started by another person" in answer.text
    with app.app_context():
        assert get_answers(other) == {}


def test_unknown_blocks_and_assessments_are_not_found(
    member: CheckingClient, assessment: int, rating: int
) -> None:
    assert member.get(block_page(assessment, "no-such-block")).status_code == 404
    assert member.get(list_page(assessment + 1)).status_code == 404


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("member", 200),
        ("lead", 200),
        ("coach", 403),
        ("researcher", 403),
        ("administrator", 403),
        ("member_of_other_clinic", 404),
        ("stranger", 403),
    ],
)
def test_only_people_of_the_clinic_rate(
    signed_in: SignedIn, cast: Cast, assessment: int, person: str, status: int
) -> None:
    assert signed_in(cast.people[person]).get(list_page(assessment)).status_code == status


def test_a_scale_to_twelve_works_on_the_same_pages(
    app: Flask, member: CheckingClient, cast: Cast
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q3", MATURITY.slug)
        rating = seeding.start_rating(assessment, cast.member)
    block = MATURITY.blocks[0]
    path = block_page(assessment, block.id)
    page = member.get(path).text
    assert page.count('type="radio"') >= 12 * len(block.milestones)
    key = block.milestones[0].key
    member.send(path, fields(12, key=key), page=path)
    assert stored(app, rating, key).value == AnswerValue.level(12)
    refused = member.send(path, fields(13, key=key), page=path)
    assert "Choose a level from 1 to 12." in refused.text
    assert "12 Working well" in member.get(list_page(assessment) + "/check").text


def test_each_rating_page_takes_few_statements_whatever_the_number_of_raters(
    app: Flask,
    member: CheckingClient,
    assessment: int,
    cast: Cast,
    count_statements: CountStatements,
) -> None:
    with app.app_context():
        seeding.rate_all(assessment, cast.member, 2)
    pages = [
        list_page(assessment),
        block_page(assessment),
        list_page(assessment) + "/check",
        list_page(assessment) + "/done",
    ]
    counts = []
    for _ in range(2):
        for page in pages:
            member.get(page)
            with count_statements() as seen:
                assert member.get(page).status_code == 200
            counts.append(len(seen))
        with app.app_context():
            seeding.rate_all(assessment, cast.second_member, 3)
    assert counts[:4] == counts[4:]
    assert max(counts) <= 6, counts
