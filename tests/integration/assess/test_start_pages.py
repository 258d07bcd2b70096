"""The start page by role, the list of clinics, a clinic's page and help."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]


def text_of(client: CheckingClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.get_data(as_text=True).split())


class TestHome:
    def test_a_visitor_reads_what_it_is_and_may_sign_in(self, client: CheckingClient) -> None:
        text = text_of(client, "/")
        assert "/sign-in" in text
        assert "Rate." in text

    def test_a_member_sees_the_own_clinic_only(self, cast: Cast, signed_in: SignedIn) -> None:
        text = text_of(signed_in(cast.member), "/")
        assert "Alder Clinic" in text
        assert "Birch Clinic" not in text
        assert 'href="/clinics"' not in text

    def test_a_coach_sees_the_clinics_of_the_organization(
        self, cast: Cast, signed_in: SignedIn
    ) -> None:
        text = text_of(signed_in(cast.coach), "/")
        assert "Alder Clinic" in text
        assert "Birch Clinic" in text
        assert "Cedar Clinic" not in text

    def test_an_administrator_sees_counts(self, cast: Cast, signed_in: SignedIn) -> None:
        text = text_of(signed_in(cast.administrator), "/")
        assert "<dt>Clinics</dt><dd>3</dd>" in text
        assert "Cedar Clinic" in text

    def test_a_researcher_sees_trends_and_no_clinic(self, cast: Cast, signed_in: SignedIn) -> None:
        text = text_of(signed_in(cast.researcher), "/")
        assert "/trends" in text
        assert "Clinic</" not in text.replace("clinics</", "")

    def test_somebody_without_a_clinic_is_told_whom_to_ask(
        self, cast: Cast, signed_in: SignedIn
    ) -> None:
        assert "You are not part of a clinic yet" in text_of(signed_in(cast.stranger), "/")

    def test_statements_do_not_grow_with_clinics(
        self, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
    ) -> None:
        coach, administrator = signed_in(cast.coach), signed_in(cast.administrator)
        with count_statements() as two:
            text_of(coach, "/clinics")
        with count_statements() as three:
            text_of(administrator, "/clinics")
        assert len(three) <= len(two) <= 8


class TestClinics:
    def test_the_list_holds_what_is_in_reach(self, cast: Cast, signed_in: SignedIn) -> None:
        text = text_of(signed_in(cast.coach), "/clinics")
        assert "2 clinics" in text
        assert "Cedar Clinic" not in text

    @pytest.mark.parametrize("who", ["researcher", "stranger"])
    def test_it_is_closed_to_those_without_clinics(
        self, cast: Cast, signed_in: SignedIn, who: str
    ) -> None:
        assert signed_in(cast.people[who]).get("/clinics").status_code == 403

    def test_a_clinic_shows_its_quarters_newest_first(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        with app.app_context():
            for quarter, level in (("2026Q1", 2), ("2026Q2", 3)):
                assessment_id = seeding.open_assessment(cast.clinic, quarter)
                seeding.rate_all(assessment_id, cast.member, level=level)
                seeding.reveal(assessment_id)
            hidden = seeding.open_assessment(cast.clinic, "2026Q3")
            seeding.rate_all(hidden, cast.member, level=4)
        text = text_of(signed_in(cast.member), f"/clinics/{cast.clinic}")
        assert "The overall score rose from 2.0 in Q1 2026 to 3.0 in Q2 2026." in text
        assert text.index(">Q3 2026<") < text.index(">Q2 2026</th>") < text.index(">Q1 2026</th>")
        assert "4.0" not in text
        assert "26 of 26" not in text

    def test_an_empty_clinic_says_what_will_be_here(self, cast: Cast, signed_in: SignedIn) -> None:
        text = text_of(signed_in(cast.coach), f"/clinics/{cast.sister_clinic}")
        assert "No quarters yet" in text

    @pytest.mark.parametrize("who", ["member_of_other_clinic", "stranger", "researcher"])
    def test_a_clinic_of_others_stays_unknown(
        self, cast: Cast, signed_in: SignedIn, who: str
    ) -> None:
        response = signed_in(cast.people[who]).get(f"/clinics/{cast.clinic}")
        assert response.status_code in {403, 404}


def test_help_is_for_everybody(client: CheckingClient) -> None:
    assert "Who sees what" in text_of(client, "/help")
