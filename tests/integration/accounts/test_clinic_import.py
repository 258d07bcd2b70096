"""Organizations and clinics come in from a file: looked at first, then all of them or none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from accounts.models import Clinic, Grant, Organization, Role
from accounts.program.clinic_file import parse_clinics
from accounts.program.clinic_import import import_clinics, rehearse_import
from accounts.program.organizations import archive_clinic
from core import tenancy
from core.audit import AuditEvent
from core.db import db
from core.table_file import TableFileError
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]

HEADER = "organization,clinic,study_code,state\n"
SOUND = HEADER + (
    "North Health,Alder Clinic,N01,WA\n"  # changed
    "North Health,Birch Clinic,N02,\n"  # as before
    "North Health,Dogwood Clinic,N03,\n"  # new
    "West Health,Elm Clinic,W01,OR\n"  # new, and its organization too
)


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def text_of(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def check(browser: CheckingClient, content: str) -> TestResponse:
    return browser.send("/admin/import", {"content": content})


def confirm(browser: CheckingClient, preview: TestResponse, **changed: str) -> TestResponse:
    page = preview.get_data(as_text=True)
    fields = {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])  # type: ignore[index]
        for name in ("content", "digest")
    }
    return browser.send("/admin/import/confirm", fields | changed)


def test_a_file_is_shown_first_and_stored_when_confirmed(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    file = {"file": (io.BytesIO(SOUND.encode("utf-8-sig")), "clinics.csv")}
    preview = browser.send("/admin/import", file)
    page = text_of(preview)
    assert preview.status_code == 200
    numbers = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page)
    assert dict(numbers) == {
        "New organizations": "1",
        "New clinics": "2",
        "Changed clinics": "1",
        "Unchanged": "1",
    }
    assert "State becomes “WA” (was not known)" in page
    assert count(app, Clinic) == 3, "nothing is stored before it is confirmed"
    assert "2 added, 1 changed, 1 as before" in text_of(confirm(browser, preview))
    with app.app_context():
        found = db.session.scalars(select(Clinic.name).order_by(Clinic.name)).all()
        assert found[-2:] == ["Dogwood Clinic", "Elm Clinic"]
        actions = db.session.scalars(select(AuditEvent.action)).all()
        assert actions.count("clinic.created") == 2
        assert actions.count("clinic.changed") == 1
    again = check(browser, SOUND)
    assert "The file changes nothing" in text_of(again)


def test_an_import_names_no_clinic_that_its_sender_knows_by_code_only(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    """Somebody who runs one organization and also follows all clinics for research."""
    with app.app_context():
        db.session.add(Grant(person_id=cast.organization_administrator, role=Role.RESEARCHER))
        db.session.commit()
    browser = signed_in(cast.organization_administrator)
    page = text_of(check(browser, HEADER + "North Health,Fir,S01,\n"))
    assert "S01 is used by a clinic of another organization" in page
    assert "Cedar" not in page


def test_one_bad_row_stops_all_and_every_problem_is_named(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    rows = "North Health,Fir,F01,ZZ\nNorth Health,Alder Clinic,F02,\nSouth Health,Gum,N02,\n"
    answer = check(signed_in(cast.administrator), HEADER + rows + "North Health,Gum,,\n")
    page = re.sub(r"<[^>]+>", "", text_of(answer))
    assert answer.status_code == 422
    assert "Nothing was stored: 4 problems" in page
    assert "Line 2, state: “ZZ”: This is not a state. Use its two letters, like WA." in page
    assert "Line 5, study_code: It is empty. Enter a code, like C01." in page
    assert "Line 3, clinic: North Health has a clinic named Alder Clinic with another code." in page
    assert "Line 4, study_code: N02 is used by Birch Clinic of another organization." in page
    assert "South Health,Gum,N02" in page, "what was pasted comes back"
    assert count(app, Clinic) == 3
    assert count(app, Organization) == 2


def test_a_change_since_the_preview_is_shown_again(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    preview = check(browser, SOUND)
    confirm(signed_in(cast.administrator), check(browser, SOUND))
    late = confirm(browser, preview)
    assert late.status_code == 409
    assert "Something has changed since you checked" in text_of(late)
    assert confirm(browser, preview, digest="made up").status_code == 409


def test_an_administrator_of_an_organization_brings_in_only_its_clinics(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.organization_administrator)
    rows = "South Health,Cedar Clinic,S01,WA\nNew Health,Fir,F01,WA\nNorth Health,Fir,F02,WA\n"
    page = re.sub(r"<[^>]+>", "", text_of(check(browser, HEADER + rows)))
    assert "Line 2, organization: “South Health”: You do not manage" in page
    assert "Line 3, organization: “New Health”: You do not manage" in page
    assert "Cedar Clinic of" not in page
    taken = text_of(check(browser, HEADER + "North Health,Fir,S01,WA\n"))
    assert "S01 is used by another clinic" in taken
    assert "Cedar" not in taken
    sound = check(browser, HEADER + "North Health,Fir,F02,WA\n")
    assert confirm(browser, sound).status_code == 200
    assert count(app, Clinic) == 4


def test_an_archived_clinic_is_not_changed_behind_its_back(app: Flask, cast: Cast) -> None:
    with app.app_context(), tenancy.whole_program():
        archive_clinic(clinic_id=cast.clinic)
        file = parse_clinics(SOUND.encode())
        with pytest.raises(TableFileError, match="Alder Clinic is archived"):
            import_clinics(file, reach=None)


def test_an_empty_cell_leaves_what_stands_there(app: Flask, cast: Cast) -> None:
    with app.app_context(), tenancy.whole_program():
        import_clinics(parse_clinics(SOUND.encode()), reach=None)
        file = parse_clinics(SOUND.replace("N01,WA", "n01,").encode())
        assert rehearse_import(file, reach=None).unchanged == 4


def test_many_clinics_come_in_with_few_statements(
    app: Flask, cast: Cast, count_statements: CountStatements
) -> None:
    def statements(rows: int, start: int) -> int:
        text = HEADER + "".join(f"North Health,C{n},X{n},WA\n" for n in range(start, start + rows))
        with app.app_context(), tenancy.whole_program(), count_statements() as seen:
            import_clinics(parse_clinics(text.encode()), reach=None)
            db.session.commit()
        return len(seen)

    # SQLite takes rows one at a time, which costs it nothing; nothing else grows with the file
    assert statements(300, 1000) <= statements(2, 0) + 300


@pytest.mark.parametrize(
    "fields", [{}, {"content": "  "}, {"content": "x" * 1_000_001}, {"content": "a\0b"}]
)
def test_what_is_no_table_is_refused_with_words(
    cast: Cast, signed_in: SignedIn, fields: dict[str, str]
) -> None:
    browser = signed_in(cast.administrator)
    for path in ("/admin/import", "/admin/import/confirm"):
        answer = browser.send(path, fields)
        assert answer.status_code == 422
        assert "<title>Error: " in text_of(answer)


def test_the_template_can_be_downloaded(cast: Cast, signed_in: SignedIn) -> None:
    answer = signed_in(cast.administrator).get("/admin/import/template.csv")
    assert answer.mimetype == "text/csv"
    assert answer.get_data(as_text=True).startswith("organization,clinic,study_code,")


def test_the_command_does_the_same_and_can_only_look(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "clinics.csv"
    path.write_text(SOUND)
    runner = app.test_cli_runner()
    looked = runner.invoke(args=["accounts", "import-clinics", str(path), "--dry-run"])
    assert looked.exit_code == 0, looked.output
    assert "2 new clinics in 1 new organization, 1 changed, 1 as before" in looked.output
    assert count(app, Clinic) == 3
    assert runner.invoke(args=["accounts", "import-clinics", str(path)]).exit_code == 0
    assert count(app, Clinic) == 5
    path.write_text(SOUND + "North Health,Alder Clinic,N09,\n")
    bad = runner.invoke(args=["accounts", "import-clinics", str(path)])
    assert bad.exit_code == 1
    assert "line 6, column clinic" in bad.output
    assert "Nothing was stored: 1 problem" in bad.output
