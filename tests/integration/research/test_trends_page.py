"""The program page: its numbers, who sees what, its states, its cost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import service as accounts_service
from accounts.models import Clinic, Organization, Person, Role
from accounts.queries import get_viewer
from accounts.viewer import Viewer
from assess.models import State
from assess.queries.headline import get_headline
from core.db import db
from research.queries.program import list_program_clinics
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess.program_scores import Row, rows_of_case, store
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
PUBLISHED = "F(5, 95) = 3.46, p = .006 (GG ε .72, p_GG .015)"


def text_of(client: CheckingClient, path: str = "/trends", status: int = 200) -> str:
    """The page as people read it: without tags, one space between words."""
    response = client.get(path)
    assert response.status_code == status
    plain = re.sub(r"<(title|desc)[^>]*>.*?</\1>|<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(html.unescape(plain).split())


def few(clinics: int, quarters: int) -> list[Row]:
    return [
        ("North Program", f"Clinic {c}", f"2026Q{q}", 2.0 + ((c * q) % 5) / 4)
        for c in range(1, clinics + 1)
        for q in range(1, quarters + 1)
    ]


@pytest.fixture
def administrator(app: Flask, cast: Cast, signed_in: SignedIn) -> CheckingClient:
    return signed_in(cast.administrator)


def test_it_shows_the_published_result(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    text = text_of(administrator)
    assert "Six Building Blocks self-assessment · Q1 2025 to Q2 2026" in text
    assert "Over 6 quarters the mean overall score rose from 2.3 to 2.6 in 20 clinics." in text
    assert PUBLISHED in text
    assert "partial η² .15 [90% CI .03, .24], 20 clinics (0 left out), 6 quarters" in text
    assert "One-way ANOVA: it ignores that the same clinics came back." in text
    assert "F(5, 114) = 1.26, p = .287, η² = .05 (120 scores of 20 clinics)" in text
    assert "20 of 20. No clinic is left out." in text
    assert "differ from quarter to quarter. All scores: taken over from earlier records." in text


def test_it_names_the_clinics_left_out_and_the_missing_quarters(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(rows_of_case("s08_missing_quarters"))
    text = text_of(administrator, "/trends?from=2025Q1&to=2026Q4")
    assert "F(7, 77) = 4.90" in text
    assert "12 clinics (8 left out)" in text
    assert "Clinic C01: no score in Q1 2025, Q4 2025" in text
    assert "12 of 20" in text


def test_unless_asked_it_shows_the_quarters_that_keep_most_scores(
    app: Flask, administrator: CheckingClient
) -> None:
    rows = few(6, 3)
    with app.app_context():
        store([*rows, ("North Program", "Clinic 1", "2026Q4", 3.0)])
    assert "Over 3 quarters" in text_of(administrator)
    assert "No clinic is left out" in text_of(administrator)
    assert "Clinic 2: no score in Q4 2026" in text_of(administrator, "/trends?to=2026Q4")


def test_a_block_can_be_shown_instead_of_the_overall_score(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    html_of = administrator.get("/trends").get_data(as_text=True)
    block = re.findall(r'<option value="([a-z-]+)">', html_of)[0]
    text = text_of(administrator, f"/trends?score={block}")
    assert "Over 6 quarters the mean score of “" in text
    assert "F(5, 95) = 3.46" in text


def test_the_table_has_a_row_for_each_quarter_and_says_who_has_no_score(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(few(3, 2), only_blocks=("overall",))
    text = text_of(administrator)
    assert re.search(r"Q1 2026 3 2\.\d no score \(0\)", text)
    assert re.search(r"Q2 2026 3 2\.\d no score \(0\)", text)


@pytest.mark.parametrize(
    ("clinics", "quarters", "expected"),
    [
        (1, 3, ["One clinic alone cannot be tested.", "Not possible: one clinic",
                "the overall score of the one clinic with every quarter"]),
        (4, 1, ["In Q1 2026 the mean overall score was", "Not possible: one quarter",
                "Change can be tested from the second on."]),
        (6, 2, ["Over 2 quarters", "F(1, 5) = ", "this is the same as a paired t-test"]),
        (3, 3, ["Only 3 clinics could be followed."]),
    ],
)  # fmt: skip
def test_small_programs_get_words_instead_of_numbers(
    app: Flask, administrator: CheckingClient, clinics: int, quarters: int, expected: list[str]
) -> None:
    with app.app_context():
        store(few(clinics, quarters))
    text = text_of(administrator)
    for words in expected:
        assert words in text
    assert "nan" not in text.lower()
    assert "None" not in text


def test_one_quarter_shows_where_clinics_stand_and_no_row_of_failed_tests(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(few(4, 2))
    text = text_of(administrator, "/trends?from=2026Q2&to=2026Q2")
    assert text.count("Not possible: one quarter") == 1
    assert "Each score, Q2 2026 Score Clinics Q2 2026 Overall score 4" in text
    assert "p (Holm)" not in text.split("How to read this")[0]
    assert "Which clinics are in the test?" not in text


def test_waves_and_milestones_read_like_sentences_and_fit_a_page(
    app: Flask, administrator: CheckingClient
) -> None:
    rows = [row for row in few(6, 3) if row[1:3] != ("Clinic 4", "2026Q3")]
    with app.app_context():
        store(rows)
    asked = "/trends?clock=wave&grain=milestones&method=mixed&to=2"
    text = text_of(administrator, asked)
    assert "Clinic 4: no score at +2 quarters" in text
    assert "The mixed model uses every score of 6 clinics." in text
    assert "Overall score, 6 clinics, baseline to +2 quarters" in text
    assert "At +2 quarters the mean overall score was" in text_of(
        administrator, "/trends?clock=wave&from=2&to=2"
    )
    # a row per milestone, not a column
    assert (
        "Mean by quarter, all clinics Score Baseline +1 quarter +2 quarters Clinics 6 6 5" in text
    )


def test_one_clinic_leads_to_its_run_chart(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(few(1, 3))
    page = administrator.get("/trends").get_data(as_text=True)
    path = re.search(r'href="(/clinics/\d+/trend)"', page)
    assert path
    assert "Has the score moved?" in text_of(administrator, path[1])


def test_before_the_first_scores_it_says_what_will_be_here(administrator: CheckingClient) -> None:
    text = text_of(administrator)
    assert "No scores yet" in text


def test_nobody_with_every_quarter(app: Flask, administrator: CheckingClient) -> None:
    rows = [
        ("N", f"Clinic {c}", f"2026Q{q}", 2.5) for c in range(4) for q in (1, 2) if c % 2 == q % 2
    ]
    with app.app_context():
        store(rows)
    text = text_of(administrator)
    assert "No clinic has a score in every quarter from Q1 2026 to Q2 2026" in text
    assert "Choose fewer quarters" in text


def test_no_variation_gives_words(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store([("N", f"Clinic {c}", f"2026Q{q}", 2.1) for c in range(5) for q in (1, 2, 3)])
    text = text_of(administrator)
    assert "stayed at 2.1 in 5 clinics." in text
    assert "Not possible: every value is the same" in text


def test_equal_change_everywhere_gives_words(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(rows_of_case("s09_zero_error_additive"))
    assert "every clinic changed by exactly the same amount" in text_of(administrator)


def test_open_assessments_stay_hidden(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(few(5, 2), state=State.OPEN)
    assert "No scores yet" in text_of(administrator)


def test_demonstration_clinics_are_left_out_once_there_are_real_ones(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"), demo=True)
    assert PUBLISHED in text_of(administrator)
    with app.app_context():
        store([("Real " + row[0], *row[1:]) for row in few(6, 3)])
    text = text_of(administrator)
    assert "in 6 clinics" in text
    assert "The fictional demonstration clinics are left out" in text
    mixed = text_of(administrator, "/trends?demo=1&from=2026Q1&to=2026Q2")
    assert "26 clinics" in mixed
    assert "These numbers mix real clinics with fictional ones" in mixed


def test_a_coach_sees_the_clinics_of_the_own_organization_only(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        store(few(6, 3))
    assert "No scores yet" in text_of(signed_in(cast.coach))


def test_a_researcher_sees_codes_instead_of_names(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    rows = [row for row in few(6, 3) if row[1:3] != ("Clinic 4", "2026Q2")]
    with app.app_context():
        store(rows)
    text = text_of(signed_in(cast.researcher), "/trends?from=2026Q1&to=2026Q3")
    assert "m-4: no score in Q2 2026" in text
    assert "Clinic 4" not in text
    assert "North Program" not in text
    assert "North Health" not in text


@pytest.mark.parametrize("role", ["member", "lead", "stranger"])
def test_other_roles_may_not_come(cast: Cast, signed_in: SignedIn, role: str) -> None:
    for path in ("/trends", "/trends/figures/clinics.svg"):
        assert signed_in(getattr(cast, role)).get(path).status_code == 403


def test_organizations_filter(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
        organization = next(
            clinic.organization_id
            for clinic in list_program_clinics(viewer_of(administrator))
            if clinic.organization == "Organization 1"
        )
    text = text_of(administrator, f"/trends?organization={organization}")
    assert "in 4 clinics." in text
    assert "No scores for this choice" in text_of(administrator, "/trends?organization=999")


def viewer_of(client: CheckingClient) -> Viewer:
    with client.session_transaction() as session:
        viewer = get_viewer(session["sign_in"])
    assert viewer is not None
    return viewer


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=banana", "“banana” is not a quarter. Write it like 2026Q4."),
        ("from=2026Q3&to=2026Q1", "The first quarter is after the last."),
        ("from=2030Q1&to=2030Q4", "No clinic has a score in those quarters."),
        ("score=nothing", "has no such score"),
        ("questionnaire=nothing", "There are no results of that questionnaire."),
    ],
)
def test_what_cannot_be_shown_is_named_and_the_usual_page_comes(
    app: Flask, administrator: CheckingClient, query: str, message: str
) -> None:
    with app.app_context():
        store(few(6, 3))
    text = text_of(administrator, f"/trends?{query}")
    assert message in text
    assert "Over 3 quarters" in text
    assert "<title>Error: " in administrator.get(f"/trends?{query}").get_data(as_text=True)


@pytest.mark.parametrize("query", ["", "?organization=x&organization=²&demo=banana&from="])
def test_odd_filters_break_nothing(app: Flask, administrator: CheckingClient, query: str) -> None:
    with app.app_context():
        store(few(6, 3))
    assert "Over 3 quarters" in text_of(administrator, f"/trends{query}")


def test_a_questionnaire_with_another_scale_has_its_own_axis(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(few(6, 3))
        wide = [("West", name, quarter, score * 3) for _, name, quarter, score in few(8, 3)]
        store(wide, questionnaire="six_building_blocks_maturity")
    path = "/trends?questionnaire=six_building_blocks_maturity"
    page = administrator.get(path).get_data(as_text=True)
    assert "the scale (1 or 12)" in page
    assert '<option value="six_building_blocks_maturity" selected>' in page


@pytest.mark.parametrize("clinics", [2, 60])
def test_the_page_costs_at_most_10_statements_whatever_the_number_of_clinics(
    app: Flask, administrator: CheckingClient, count_statements: CountStatements, clinics: int
) -> None:
    with app.app_context():
        store(few(clinics, 3))
    with count_statements() as seen:
        assert administrator.get("/trends").status_code == 200
    assert len(seen) <= 10
    with count_statements() as again:
        administrator.get("/trends")
    assert len(again) <= len(seen)


def test_the_headline_for_commands(app: Flask, cast: Cast) -> None:
    with app.app_context():
        assert get_headline([], "six_building_blocks").startswith("No overall scores yet")
        store(rows_of_case("s06_slide_like_20x6"))
        clinics = list(db.session.scalars(select(Clinic.id)))
        lines = get_headline(clinics, "six_building_blocks").splitlines()
    assert lines[0].startswith("Q1 2025 to Q2 2026, overall score. Over 6 quarters the mean rose")
    assert lines[1].startswith(f"Repeated-measures ANOVA (same clinics): {PUBLISHED}")
    assert "F(5, 114) = 1.26" in lines[2]


def test_the_link_to_copy_is_the_whole_analysis(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    asked = "/trends?method=mixed&from=2025Q2&group=organization&clock=banana&junk=1"
    page = administrator.get(asked).get_data(as_text=True)
    link = html.unescape(re.search(r'value="http://[^/]+(/trends[^"]+)"', page)[1])  # type: ignore[index]
    assert link == "/trends?method=mixed&group=organization&from=2025Q2&view=full"
    text = text_of(administrator, link)
    assert "all assessments in a mixed model, compared by organization." in text
    assert "Over all 100 assessments of 20 clinics, the mean overall score rose by" in text
    assert "Did the groups change differently?" in text
    assert "Do the slopes of the groups differ?" in text
    assert text.count("Organization 5") >= 1


def test_as_published_says_what_the_headline_does_differently(
    app: Flask, administrator: CheckingClient
) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    text = text_of(administrator, "/trends?as=published&score=nothing&organization=1")
    assert "F(5, 95) = 3.46, p = .006, 20 clinics, 6 quarters" in text
    assert "F(5, 114) = 1.26, p = .287" in text
    assert "(Greenhouse-Geisser, epsilon .72): p_GG = .015." in text


def test_a_coach_reads_a_simple_page_unless_the_address_says_otherwise(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    rows = [("North Program", *row[1:]) for row in few(6, 3)]
    with app.app_context():
        store(rows)
        coach = db.session.get_one(Person, cast.coach)
        owner = db.session.scalars(select(Organization).filter_by(name="North Program")).one()
        accounts_service.grant_role(person=coach, role=Role.COACH, organization=owner)
        db.session.commit()
    browser = signed_in(cast.coach)
    simple, full = text_of(browser), text_of(browser, "/trends?view=full")
    assert "Over 3 quarters" in simple
    for words in ("Sphericity", "p (Holm)", "One-way ANOVA", "Mixed model"):
        assert words not in simple
    assert "More than chance?" in simple
    assert "Sphericity" in full
    assert "p (Holm)" in full


def test_a_researcher_can_neither_choose_nor_compare_by_what_few_clinics_share(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        store(few(7, 3))
        for place, clinic in enumerate(
            db.session.scalars(select(Clinic).where(Clinic.name.like("Clinic %")))
        ):
            clinic.setting = ("rural", "rural", "rural", "rural", "urban", "urban", "urban")[place]
            clinic.ehr = "Rare" if place < 2 else "Common"
        db.session.commit()
    browser = signed_in(cast.researcher)
    page = browser.get("/trends").get_data(as_text=True)
    assert "rural" in page
    assert "Rare" not in page
    assert "in 3 clinics" in text_of(browser, "/trends?setting=urban")
    assert "No scores for this choice" in text_of(browser, "/trends?ehr=Rare")
    compared = text_of(browser, "/trends?group=setting")
    assert "Compared by setting" in compared
    assert "Groups of fewer than 3 clinics are not shown" in compared
    assert "Rare" in text_of(signed_in(cast.administrator), "/trends?ehr=Rare")


def test_waves_count_from_each_clinic_s_baseline(app: Flask, administrator: CheckingClient) -> None:
    with app.app_context():
        store(few(6, 3))
    text = text_of(administrator, "/trends?clock=wave&to=1")
    assert "Baseline to +1 quarter" in text
    assert "quarters since each clinic’s baseline" in text
