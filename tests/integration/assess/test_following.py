"""Following rating: counts without names, reminders that nobody gets twice, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts import service as accounts
from accounts.models import Clinic, Person, Role
from assess.following import changing, opening, reasons, reminding
from assess.following.models import AssessmentStep, Reminder
from assess.following.opening import Terms
from assess.joining import links
from assess.models import Assessment, Rating
from assess.quarters import Quarter
from assess.queries.following import get_settings
from assess.queries.joining import get_link
from assess.queries.reminders import Request, list_sent
from core import clock, jobs, mail, smtp, tenancy, worker
from core.audit import AuditEvent
from core.days import day
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.core.test_migrations import go_back_and_come_again
from tests.pages import CheckingClient, text_of, words_of
from tests.smtp_server import MailServer, mail_server

SignedIn = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    with mail_server(MailServer()) as running:
        address = smtp.parse_url(f"smtp://127.0.0.1:{running.port}?starttls=off")
        sender = mail.parse_sender("Blockwise <blockwise@example.org>")
        mail.init_app(app, mail.Mailbox(address, sender))
        yield running


def open_one(app: Flask, clinic: int, due_on: date | None = None, **settings: object) -> int:
    with app.app_context():
        assessment = opening.open_one(
            clinic_id=clinic,
            terms=Terms(INSTRUMENT, Quarter.of(clock.today()), due_on, "Thank you all."),
            secret=app.secret_key or "",
            **settings,  # type: ignore[arg-type]
        )
        db.session.commit()
        return assessment.id


def set_day(app: Flask, key: int, due_on: date | None, asked: list[int] | None = None) -> None:
    with app.app_context():
        changing.change(
            assessment_id=key,
            due_on=due_on,
            message="",
            asked=asked,
            secret=app.secret_key or "",
        )
        db.session.commit()


def work(app: Flask) -> None:
    while worker.run_one(app):
        pass


def recipients(server: MailServer) -> list[str]:
    return sorted(str(message["To"]) for message in server.messages)


class TestProgress:
    def test_it_counts_those_asked_by_job_and_all_other_ways(
        self, app: Flask, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
    ) -> None:
        with app.app_context():
            *_, nurse = seeding.add_members(cast.clinic, 3, job_role="Nurse")
            key = seeding.open_assessment(cast.clinic)
            seeding.rate_all(key, cast.member)
            seeding.rate_all(key, nurse)
            seeding.start_rating(key, cast.second_member)
            for source in ("web", "paper", "paper"):
                db.session.add(
                    Rating(
                        organization_id=cast.organization,
                        clinic_id=cast.clinic,
                        assessment_id=key,
                        source=source,
                        started_at=clock.now(),
                        submitted_at=clock.now(),
                    )
                )
            db.session.commit()
        lead = signed_in(cast.lead)
        with count_statements() as seen:
            text = text_of(lead, f"/assessments/{key}/progress")
        assert len(seen) <= 14
        assert "6 people are asked, 2 have finished, 1 more has started." in text
        assert "Nurse 3 1 1" in text
        assert "Other job roles 3 2 1" in text
        assert "On paper any 2 2" in text
        assert "By the join link, without an account any 1 1" in text
        for name in ("N0", "Member", "Second"):
            assert name not in text

    def test_whoever_is_not_asked_counts_and_whoever_left_does_not(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        key = open_one(app, cast.clinic, asked=[cast.member, cast.lead])
        with app.app_context():
            seeding.rate_all(key, cast.second_member)
            db.session.execute(
                update(Person).where(Person.id == cast.lead).values(disabled_at=clock.now())
            )
            db.session.commit()
        text = text_of(signed_in(cast.coach), f"/assessments/{key}/progress")
        assert "1 person is asked, 1 has finished." in text

    def test_late_ratings_are_proposed_for_the_quarter_they_were_given_in(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        now = Quarter.of(clock.today())
        with app.app_context():
            key = seeding.open_assessment(cast.clinic, str(now - 2))
            seeding.rate_all(key, cast.member)
        lead = signed_in(cast.lead)
        page = f"/assessments/{key}/progress"
        assert f"Count it for {now.label}" in text_of(lead, page)
        # nothing is moved by looking
        with app.app_context():
            assert db.session.get_one(Assessment, key).quarter == str(now - 2)

    @pytest.mark.parametrize("who", ["member", "researcher", "member_of_other_clinic", "stranger"])
    def test_others_follow_nothing(
        self, app: Flask, cast: Cast, signed_in: SignedIn, who: str
    ) -> None:
        key = open_one(app, cast.clinic)
        browser = signed_in(cast.people[who])
        assert browser.get(f"/assessments/{key}/progress").status_code in {403, 404}
        assert browser.send(f"/assessments/{key}/remind").status_code in {403, 404}
        assert browser.get("/assessments").status_code == 403


class TestReminders:
    def test_the_invitation_goes_to_those_asked_and_only_once(
        self, app: Flask, cast: Cast, server: MailServer
    ) -> None:
        key = open_one(app, cast.clinic, date(2100, 1, 1), invite=True)
        work(app)
        asked = ["lead@example.org", "member@example.org", "second@example.org"]
        assert recipients(server) == asked
        text = server.messages[0].get_content()
        assert f"/assessments/{key}/rate" in text
        assert "Thank you all." in text
        assert "Jan 1, 2100" in text
        with app.app_context():
            changing.change(
                assessment_id=key,
                due_on=date(2100, 1, 2),
                message="",
                asked=None,
                secret=app.secret_key or "",
                invite=True,
            )
            db.session.commit()
        work(app)
        assert recipients(server) == asked

    def test_planned_ones_reach_those_who_have_not_finished(
        self, app: Flask, cast: Cast, server: MailServer
    ) -> None:
        due = clock.today() + timedelta(days=10)
        key = open_one(app, cast.clinic, due)
        with app.app_context():
            seeding.rate_all(key, cast.member)
            seeding.start_rating(key, cast.lead)
            db.session.execute(
                update(Person)
                .where(Person.id == cast.second_member)
                .values(disabled_at=clock.now())
            )
            db.session.commit()
        soon, overdue = (one.at for one in reasons.planned(due, reasons.USUAL, clock.now()))
        work(app)
        assert server.messages == []
        with clock.frozen_at(soon):
            work(app)
        assert recipients(server) == ["lead@example.org"]
        assert server.messages[0]["Subject"].startswith("Reminder: rate Alder Clinic")
        with app.app_context():
            seeding.reveal(key)
        with clock.frozen_at(overdue):
            work(app)
        assert len(server.messages) == 1, "nobody is asked once the results are shown"

    def test_another_due_day_reminds_again_and_the_same_one_never(
        self, app: Flask, cast: Cast, server: MailServer
    ) -> None:
        now = clock.now()
        first, later = (now.date() + timedelta(days=days) for days in (10, 20))
        (first_soon, first_late), (later_soon, _) = (
            [one.at for one in reasons.planned(due, reasons.USUAL, now)] for due in (first, later)
        )
        key = open_one(app, cast.clinic, first)
        with app.app_context():
            seeding.rate_all(key, cast.member)
        with clock.frozen_at(first_soon):
            work(app)
        assert len(server.messages) == 2
        # there and back again: the first day's own reminder is done, the later day's is gone
        for due in (later, first, later):
            set_day(app, key, due)
        with clock.frozen_at(first_late):
            work(app)
        assert len(server.messages) == 2, "the first day is no due day any more"
        with clock.frozen_at(later_soon):
            work(app)
            set_day(app, key, first)
            set_day(app, key, later)
            work(app)
        assert len(server.messages) == 4, "of the later day everybody is reminded once"

    def test_whoever_finishes_while_the_mail_waits_gets_none(
        self, app: Flask, cast: Cast, server: MailServer
    ) -> None:
        key = open_one(app, cast.clinic, invite=True)
        worker.run_one(app)  # decides who gets one; each mail is a job of its own now
        assert server.messages == []
        with app.app_context():
            seeding.rate_all(key, cast.member)
        set_day(app, key, None, asked=[cast.member, cast.lead])
        work(app)
        assert recipients(server) == ["lead@example.org"]

    def test_the_page_says_what_goes_out_next_and_stops_it(
        self, app: Flask, cast: Cast, signed_in: SignedIn, server: MailServer
    ) -> None:
        due = clock.today() + timedelta(days=10)
        key = open_one(app, cast.clinic, due)
        with app.app_context():
            seeding.rate_all(key, cast.member)
        page, lead = f"/assessments/{key}/progress", signed_in(cast.lead)
        soon, late = reasons.planned(due, reasons.USUAL, clock.now())
        text = text_of(lead, page)
        assert f"{soon.words} , to whoever has not finished by then: 2 people as of today." in text
        assert f"After that: {late.words}." in text
        # one more on the day itself, then none at all
        fields = {"due_on": due.isoformat(), "asks": "everyone", "remind_days": ["-3", "0", "1"]}
        change = f"/assessments/{key}/change"
        assert lead.get(change).get_data(as_text=True).count('name="remind_days"') == 6
        assert lead.send(change, {**fields, "remind_days": ["2"]}).status_code == 422
        lead.send(change, fields, page=change)
        text = text_of(lead, page)
        assert "Reminders go out by themselves: 3 days before, on the day, the day after." in text
        assert f"After that: {due:%a, %b} {due.day}; {late.words}." in text
        assert lead.send(f"/assessments/{key}/reminders/stop", page=page).status_code == 303
        text = text_of(lead, page)
        assert "No reminder goes out by itself." in text
        assert "No reminders go out by themselves now. " in text
        with clock.frozen_at(late.at):
            work(app)
        assert server.messages == []
        member = signed_in(cast.member)
        assert member.send(f"/assessments/{key}/reminders/stop").status_code == 403

    def test_two_workers_and_two_fingers_send_it_once(self, app: Flask, cast: Cast) -> None:
        key = open_one(app, cast.clinic)
        start, reason = Barrier(4), reasons.by_hand(clock.today())

        def claim(_number: int) -> int:
            with app.app_context(), tenancy.whole_program():
                start.wait()
                claimed = reminding.claim(key, reason)
                db.session.commit()
                return len(claimed)

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(claim, range(4))) == [0, 0, 0, 3]

    def test_the_button_reminds_once_a_day_and_says_how_many(
        self, app: Flask, cast: Cast, signed_in: SignedIn, server: MailServer
    ) -> None:
        key = open_one(app, cast.clinic)
        with app.app_context():
            seeding.rate_all(key, cast.member)
        page, lead = f"/assessments/{key}/progress", signed_in(cast.lead)
        assert "Email a reminder now" in text_of(lead, page)
        first = lead.send(f"/assessments/{key}/remind", page=page)
        assert (first.status_code, "reminded=1" in first.location) == (303, True)
        again = lead.send(f"/assessments/{key}/remind", page=page)
        assert "reminded=0" in again.location
        text = text_of(lead, page)
        assert re.search("Reminded 2 people on .*, by hand, by Lead.", text)
        assert "Everybody who has not finished was reminded today." in text
        work(app)
        assert recipients(server) == ["lead@example.org", "second@example.org"]
        with clock.frozen_at(clock.now() + timedelta(days=1)):
            assert "Email a reminder now" in text_of(signed_in(cast.lead), page)

    def test_asking_one_person_tells_nothing_about_that_one(
        self, app: Flask, cast: Cast, signed_in: SignedIn, server: MailServer
    ) -> None:
        """Whoever chooses may ask one, remind that one, and then ask the next."""
        key = open_one(app, cast.clinic)
        with app.app_context():
            seeding.rate_all(key, cast.member)
            (extra,) = seeding.add_members(cast.clinic)
            seeding.start_rating(key, extra)
        assert server
        pages = set()
        for days, one in enumerate((cast.member, cast.second_member, extra)):
            with clock.frozen_at(clock.now() + timedelta(days=days)):
                set_day(app, key, None, asked=[one, cast.lead])
                lead = signed_in(cast.lead)
                sent = lead.send(f"/assessments/{key}/remind")
                assert "reminded=1" in sent.location
                html = lead.get(f"/assessments/{key}/progress").get_data(as_text=True)
                for part in ("rated", "reminders", "ways"):
                    found = re.search(f'aria-labelledby="{part}-title".*?</section>', html, re.S)
                    assert found
                    text = re.sub(r"<[^>]+>|by [A-Z].*", " ", found[0])
                    text = re.sub("[A-Z][a-z]{2} [0-9]+, 20[0-9]{2}", "DAY", text)
                    pages.add((part, " ".join(dict.fromkeys(text.split()))))
        assert len(pages) == 3, pages

    def test_without_a_mail_server_there_is_a_text_to_copy(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        key = open_one(app, cast.clinic, invite=True)
        work(app)
        lead = signed_in(cast.lead)
        text = text_of(lead, f"/assessments/{key}/progress")
        assert "Please rate Alder Clinic" in text
        assert f"/assessments/{key}/rate" in text
        assert "Email a reminder" not in text
        assert "/j/" not in text
        assert "reminded=0" in lead.send(f"/assessments/{key}/remind").location
        with app.app_context():
            code = seeding.make_join_link(key, secret=str(app.secret_key))
            assert db.session.scalars(select(Reminder)).all() == []
            assert jobs.standing().waiting == 0
        assert f"/j/{code}" in text_of(lead, f"/assessments/{key}/progress")
        assert "Thank you all." in text_of(app.test_client(), f"/j/{code}")

    def test_what_went_out_before_an_upgrade_is_told_as_it_was(
        self, app: Flask, cast: Cast, database_url: str
    ) -> None:
        every = open_one(app, cast.clinic)
        some = open_one(app, cast.sister_clinic, asked=[])
        with app.app_context():
            for key, clinic in ((every, cast.clinic), (some, cast.sister_clinic)):
                row = {"organization_id": cast.organization, "clinic_id": clinic}
                row |= {"assessment_id": key, "reason": "due_soon", "sent_at": clock.now()}
                for person in (cast.member, cast.lead):
                    db.session.add(Reminder(**row, person_id=person))
            db.session.commit()
            db.engine.dispose()
            go_back_and_come_again(database_url, "0006")
            told = [[(one.words, one.people) for one in list_sent(key)] for key in (every, some)]
            settings = get_settings(every)
        words = "3 days before (the due day of then)"
        assert told == [[(words, 2)], [(words, None)]]
        assert settings.remind_days == reasons.USUAL


class TestChange:
    def test_a_later_due_day_lets_the_link_work_longer_and_an_earlier_one_not_shorter(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        today = clock.today()
        key = open_one(app, cast.clinic, today + timedelta(days=10))
        with app.app_context():
            seeding.make_join_link(key, secret=str(app.secret_key))
        for days, last in ((20, 34), (5, 34), (400, 180)):
            set_day(app, key, today + timedelta(days=days))
            with app.app_context():
                link = get_link(key)
                assert link is not None
                assert link.last_day == today + timedelta(days=last)
        text = text_of(signed_in(cast.lead), f"/assessments/{key}/progress")
        assert f"The join link works until {day(today + timedelta(days=34))} now." in text
        with app.app_context():
            actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
            assert actions.count("join_link.lengthened") == 2
            links.revoke_link(assessment_id=key)
            db.session.commit()
        set_day(app, key, today + timedelta(days=410))
        with app.app_context():
            actions = db.session.scalars(select(AuditEvent.action)).all()
            assert actions.count("join_link.lengthened") == 2, "one that was stopped stays so"

    def test_it_changes_day_words_and_people_and_keeps_the_step(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        key = open_one(app, cast.clinic)
        page, lead = f"/assessments/{key}/change", signed_in(cast.lead)
        fields = {
            "due_on": "12/24/2099",
            "message": "By Christmas, please.",
            "asks": "chosen",
            "people": [str(cast.member)],
        }
        assert lead.send(page, fields, page=page).status_code == 303
        text = text_of(lead, f"/assessments/{key}/progress")
        assert "1 person is asked." in text
        assert "Due day: none, now Dec 24, 2099. Message to the raters changed." in text
        assert "1 person is asked now." in text
        assert "Changed by Lead" in text
        # sent again as it stands, it is no step
        lead.send(page, fields, page=page)
        with app.app_context():
            steps = db.session.scalars(select(AssessmentStep.step)).all()
            assert list(steps) == ["opened", "changed"]
        assert "By Christmas, please." in text_of(
            signed_in(cast.member), f"/assessments/{key}/rate"
        )

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"asks": "chosen"}, "Choose at least one person, or ask everyone."),
            ({"asks": "chosen", "people": ["99999"]}, "Choose from the options shown."),
            ({"due_on": "2020-01-01"}, "Choose today or a later day."),
            ({"message": "Call Ms. Smith, DOB 1/2/1950"}, "looks like a date of birth"),
            ({"message": "x" * 2001}, "Use no more than 2,000 characters."),
        ],
    )
    def test_a_wrong_entry_is_named_and_changes_nothing(
        self, app: Flask, cast: Cast, signed_in: SignedIn, fields: dict[str, object], words: str
    ) -> None:
        key = open_one(app, cast.clinic)
        answer = signed_in(cast.lead).send(f"/assessments/{key}/change", fields)
        assert answer.status_code == 422
        assert answer.get_data(as_text=True).count(words) >= 2
        with app.app_context():
            assert db.session.scalars(select(AssessmentStep.step)).all() == ["opened"]

    def test_nothing_is_asked_once_the_results_are_shown(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        key = open_one(app, cast.clinic)
        with app.app_context():
            seeding.rate_all(key, cast.member)
            seeding.reveal(key)
        lead = signed_in(cast.lead)
        assert lead.get(f"/assessments/{key}/change").status_code == 409
        assert lead.send(f"/assessments/{key}/change", {}).status_code == 409
        assert lead.send(f"/assessments/{key}/remind").status_code == 409


def test_a_mail_says_what_its_reason_is(app: Flask) -> None:
    with app.test_request_context():
        words = app.jinja_env.get_template("emails/rating_asked.txt")
        request = Request(7, "Smith & Sons", Quarter(2026, 4), date(2026, 11, 30), "")
        late, soon = (
            words.render(
                request=request,
                name="Ana",
                link="https://b.example/r",
                until="",
                today=today,
                reason="x",
            )
            for today in (date(2026, 12, 1), date(2026, 11, 27))
        )
    assert "The day for it was Nov 30, 2026, and it still counts." in late
    assert "Smith & Sons is waiting for your rating of Q4 2026." in soon
    assert "\n\n\n" not in late + soon
    assert "already? Then you need do nothing." in soon


class TestRunning:
    def test_what_needs_somebody_stands_first_with_whom_to_call(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        today = clock.today()
        calm = open_one(app, cast.clinic, today + timedelta(days=9))
        late = open_one(app, cast.sister_clinic, today + timedelta(days=9))
        open_one(app, cast.other_clinic)
        with app.app_context():
            seeding.rate_all(calm, cast.member)
            overdue = update(Assessment).where(Assessment.id == late)
            db.session.execute(overdue.values(due_on=today - timedelta(days=3)))
            db.session.commit()
        coach = signed_in(cast.coach)
        page = coach.get("/assessments").get_data(as_text=True)
        text = words_of(page)
        assert "1 of 2 needs somebody: 1 late." in text
        assert "The due day was 3 days ago, and nobody has started." in text
        assert text.index("Birch Clinic") < text.index("Alder Clinic")
        assert "Cedar Clinic" not in text
        assert 'href="mailto:lead@example.org"' in page
        assert "No lead yet" in text
        assert "1 finished, 3 asked" in text
        assert "None like this" in text_of(coach, "/assessments?show=closed")
        assert "Alder Clinic" in text_of(coach, "/assessments?show=rating&quarter=x")

    def test_who_coaches_here_and_works_there_follows_here_only(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        open_one(app, cast.clinic)
        open_one(app, cast.other_clinic)
        with app.app_context():
            other = db.session.get_one(Clinic, cast.other_clinic)
            coach = db.session.get_one(Person, cast.coach)
            accounts.grant_role(person=coach, role=Role.MEMBER, clinic=other)
            db.session.commit()
        browser = signed_in(cast.coach)
        assert "Cedar Clinic" not in text_of(browser, "/assessments")
        assert "Cedar Clinic" not in text_of(browser, "/assessments/open")
        assert "Alder Clinic" in text_of(signed_in(cast.lead), "/assessments")
