"""What no browser of ours sends, and what people do: never a 500, and never a lost word."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from action_plans.queries.plans import get_plan
from core.routing import LARGEST_ID
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.integration.action_plans.conftest import Situation, plan_with_one_action
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]

INSTRUMENT = catalog.get("six_building_blocks")
BLOCK = INSTRUMENT.blocks[0]
FIRST = BLOCK.milestones[0].key
IMPOSSIBLE_IDS = ("99999999999999999999", "9" * 5000, str(LARGEST_ID + 1), "-1", "%00", "٣")
DEEP = b"[" * 100_000


@pytest.fixture
def situation(app: Flask, cast: Cast) -> Situation:
    with app.app_context():
        return plan_with_one_action(cast, "2026Q2")


@pytest.fixture
def rating(app: Flask, cast: Cast) -> tuple[int, int]:
    """(assessment, rating): a sheet that the lead has started."""
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q3")
        return assessment, seeding.start_rating(assessment, cast.lead)


def addresses_with(app: Flask, bad: str) -> Iterator[tuple[str, str]]:
    """(method, path) of every route that takes ids, with `bad` in the place of each in turn."""
    for rule in app.url_map.iter_rules():
        for place in re.findall(r"<int:\w+>", rule.rule):
            path = re.sub(r"<(?:\w+:)?\w+>", "1", rule.rule.replace(place, bad))
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method, path


@pytest.mark.parametrize("bad", IMPOSSIBLE_IDS, ids=range(len(IMPOSSIBLE_IDS)))
def test_an_impossible_id_is_a_page_that_does_not_exist(
    app: Flask, cast: Cast, signed_in: SignedIn, bad: str
) -> None:
    browser = signed_in(cast.lead)
    token = {"X-CSRFToken": browser.csrf_token()}
    answers = {
        (method, path): browser.open(path, method=method, headers=token).status_code
        for method, path in addresses_with(app, bad)
    }
    assert len(answers) > 40
    assert set(answers.values()) <= {404, 405}


@pytest.mark.parametrize("key", ["nul \0", "half \ud83d", "", "x" * 65])
def test_a_key_that_no_database_takes_is_named(
    cast: Cast, signed_in: SignedIn, rating: tuple[int, int], key: str
) -> None:
    browser = signed_in(cast.lead)
    answer = {"milestone": FIRST, "state": "level", "level": 2}
    reply = browser.put(
        f"/ratings/{rating[1]}/answers",
        json={"key": key, "answers": [answer]},
        headers={"X-CSRFToken": browser.csrf_token()},
    )
    assert reply.status_code == 422
    assert "“key” must be a text" in reply.get_json()["message"]


def test_json_nested_too_deep_is_refused_like_any_other(
    cast: Cast, signed_in: SignedIn, rating: tuple[int, int]
) -> None:
    browser = signed_in(cast.lead)
    reply = browser.put(
        f"/ratings/{rating[1]}/answers",
        data=DEEP,
        content_type="application/json",
        headers={"X-CSRFToken": browser.csrf_token()},
    )
    assert reply.status_code == 422
    assert "This is not JSON" in reply.get_json()["message"]


def test_answers_that_are_not_sent_as_json_are_refused_as_json(
    cast: Cast, signed_in: SignedIn, rating: tuple[int, int]
) -> None:
    browser = signed_in(cast.lead)
    token = {"X-CSRFToken": browser.csrf_token()}
    reply = browser.put(f"/ratings/{rating[1]}/answers", data={"level": "3"}, headers=token)
    assert reply.status_code == 415
    assert "application/json" in reply.get_json()["message"]


def test_forms_read_forms_only(cast: Cast, signed_in: SignedIn, situation: Situation) -> None:
    browser = signed_in(cast.lead)
    token = {"X-CSRFToken": browser.csrf_token()}
    for path in ("meeting", f"actions/{situation.action}", f"goals/{situation.goal}", "goals"):
        for body in (b"[1, 2]", b"5", b'{"task": 5, "seen": [[1]], "meeting_on": 1}', DEEP):
            answer = browser.post(
                f"/plans/{situation.plan}/{path}",
                data=body,
                content_type="application/json",
                headers=token,
            )
            # a form without fields changes nothing, which is no mistake
            assert answer.status_code in {303, 409, 422}, (path, body[:20])
        answer = browser.post(
            f"/plans/{situation.plan}/{path}",
            data={"task": (io.BytesIO(b"x"), "task.txt"), "participants": (io.BytesIO(), "p.txt")},
            headers=token,
        )
        assert answer.status_code in {303, 409, 422}, path


def test_numbers_that_python_refuses_to_read_are_no_numbers(
    cast: Cast, signed_in: SignedIn, situation: Situation
) -> None:
    many = "9" * 5000
    lead, administrator = signed_in(cast.lead), signed_in(cast.administrator)
    new = f"/plans/{situation.plan}/goals/{situation.goal}/actions/new"
    assert lead.get(f"{new}?tip={many}").status_code == 200
    assert administrator.get(f"/trends?organization={many}").status_code == 200
    answer = lead.send(new, {"tip": many, "revision": many, "status": "not_started"})
    assert answer.status_code == 422
    assert "Choose one of the options shown." in answer.text


def test_an_email_with_nul_in_it_is_unknown(client: CheckingClient, cast: Cast) -> None:
    fields = {"email": "a\0b@example.org", "password": "some password"}
    answer = client.send("/sign-in", fields, page="/sign-in")
    assert answer.status_code == 422
    assert "Email and password do not match" in answer.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"questionnaire": "six_of_seven"}, "Choose one of the options shown."),
        ({"quarter": "1999Q1"}, "Choose one of the options shown."),
        ({"due_on": "soon"}, "Rate until (optional): enter it as month/day/year"),
        ({"due_on": "0001-01-01"}, "between 2015 and 2100"),
    ],
)
def test_opening_with_impossible_choices_says_what_to_do(
    cast: Cast, signed_in: SignedIn, changed: dict[str, str], words: str
) -> None:
    page = f"/clinics/{cast.clinic}/open"
    browser = signed_in(cast.lead)
    quarter = re.search(r'<option selected value="(\w+)"', browser.get(page).text)
    assert quarter is not None
    sent = {"questionnaire": INSTRUMENT.slug, "quarter": quarter[1], "due_on": "", **changed}
    answer = browser.send(page, sent, page=page)
    assert answer.status_code == 422
    assert words in answer.text


def test_what_was_typed_on_a_page_older_than_the_sign_in_comes_back(
    app: Flask, cast: Cast, signed_in: SignedIn, situation: Situation
) -> None:
    browser = signed_in(cast.lead)
    path = f"/plans/{situation.plan}/meeting"
    with app.app_context():
        seen = get_plan(situation.plan).seen
    typed = {
        "participants": "Front desk <& nurse>",
        "seen": seen,
        "csrf_token": "of another sign-in",
    }
    answer = browser.post(path, data=typed)
    assert answer.status_code == 400
    assert "This page was open too long" in answer.text
    assert "Nothing has been saved yet" in answer.text
    token = browser.csrf_token()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert fields["participants"] == "Front desk &lt;&amp; nurse&gt;"
    assert f'action="{path}"' in answer.text
    typed["csrf_token"] = token
    assert browser.post(path, data=typed).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        # browsers say no more than this where the address is not https, and old ones anywhere
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
    ],
)
def test_another_sites_form_gets_no_button_of_ours(
    cast: Cast,
    signed_in: SignedIn,
    client: CheckingClient,
    situation: Situation,
    headers: dict[str, str],
) -> None:
    path = f"/plans/{situation.plan}/close"
    for browser in (signed_in(cast.lead), client):
        answer = browser.post(path, data={"reflection": "gotcha"}, headers=headers)
        assert answer.status_code in {400, 401}
        assert "gotcha" not in answer.text


def test_answers_outlive_a_sign_in_page_that_was_open_too_long(
    app: Flask, client: CheckingClient, cast: Cast
) -> None:
    answer = client.post(
        "/sign-in",
        data={
            "email": "robin@example.org",
            "password": "secret",
            "csrf_token": "too old",
            "resume-path": "/assessments/1/rate/x",
            "resume-field-note": "typed before",
        },
    )
    assert answer.status_code == 400
    assert "Enter your password again" in answer.text
    assert 'name="resume-field-note" value="typed before"' in answer.text
    assert "secret" not in answer.text


def test_a_database_that_is_away_gets_a_plain_page(
    client: CheckingClient, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(cast.lead)

    def away(_token: str) -> None:
        raise OperationalError("select 1", {}, Exception("secret address"))

    monkeypatch.setattr("accounts.queries.get_viewer", away)
    answer = super(CheckingClient, browser).open("/clinics")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Blockwise is busy" in answer.text
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_endless_address_is_not_carried_through_the_sign_in(client: CheckingClient) -> None:
    assert client.get("/clinics?x=" + "a" * 1900).location.startswith("/sign-in?next=/clinics?x")
    assert client.get("/clinics?x=" + "a" * 100_000).location == "/sign-in"


def test_parts_of_a_form_without_a_name_are_as_good_as_not_sent(app: Flask) -> None:
    part = b"--x\r\nContent-Disposition: form-data\r\n\r\nnothing\r\n"
    file = b'--x\r\nContent-Disposition: form-data; filename="a.csv"\r\n\r\na,b\r\n'
    answer = app.test_client().post(
        "/sign-in", data=part + file + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code == 400  # no token, and no stumbling over the part


def test_a_sign_that_no_page_takes_is_left_out_of_what_comes_back(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        seeding.reveal(shown := seeding.open_assessment(cast.clinic, "2026Q2"))
        running = seeding.open_assessment(cast.clinic, "2026Q3")
    lead = signed_in(cast.lead)
    for path, field in (
        (f"/assessments/{running}/paper/new", "paper_on"),
        (f"/assessments/{running}/change", "due_on"),
        (f"/assessments/{shown}/meeting", "minutes"),
        (f"/assessments/{shown}/agree/{FIRST}", "rationale"),
        (f"/assessments/{shown}/agree/{FIRST}", "seen"),
    ):
        answer = lead.send(path, {field: "what \0 I typed"})
        assert answer.status_code == 422, path
        assert "what  I typed" in answer.text, (path, field)


@pytest.mark.parametrize("milestone", ["a%00b", "%ED%A0%80", "nothing", "x" * 500])
def test_a_milestone_that_nobody_wrote_is_a_page_that_does_not_exist(
    app: Flask, cast: Cast, signed_in: SignedIn, milestone: str
) -> None:
    with app.app_context():
        seeding.reveal(shown := seeding.open_assessment(cast.clinic, "2026Q2"))
    lead = signed_in(cast.lead)
    fields = {"number": "1", "level": "2", "reason": "x"}
    pages = [f"agree/{milestone}{verb}" for verb in ("", "/park", "/unpark")]
    pages += [f"agree/{milestone}/revote{verb}" for verb in ("", "/reveal", "/cancel")]
    for page in (*pages, f"meeting/{milestone}/vote"):
        answer = lead.send(f"/assessments/{shown}/{page}", fields)
        assert answer.status_code == 404, page


def test_more_clinics_than_a_statement_takes_are_too_many_at_once(
    cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    many = {"clinics": [str(key) for key in range(1, 70_001)], "message": "Please rate"}
    answer = browser.send("/assessments/open", many)
    assert answer.status_code == 422
    assert "Choose no more than 1,000 clinics at a time." in answer.text
    assert "Please rate" in answer.text
