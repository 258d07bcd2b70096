"""The PDF is accessible, the same for the same plan, closed to the network, and not too long."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import page
import pypdf
import pytest

from action_plans.sheet import PlanSheet
from benchmarks.plan_pdf import ROOT, SAVED, STYLESHEETS, plan_html, plan_pdf, usual_sheet
from core import pdf
from core.fonts import MISSING, drawable, printable
from core.pdf import PdfTooLarge, PdfUnavailable, render_pdf


@pytest.fixture(scope="module")
def usual() -> bytes:
    return plan_pdf(usual_sheet())


def raw(html: str, **changes: object) -> bytes:
    arguments = {
        "stylesheet": STYLESHEETS,
        "title": "Test",
        "language": "en-US",
        "created": SAVED,
        "modified": SAVED,
        "identifier": "test",
        **changes,
    }
    return render_pdf(html, **arguments)  # type: ignore[arg-type]


def text(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def problems(content: bytes) -> list[tuple[str, str]]:
    report = page.validate_pdf_bytes(content, profile=page.ValidationProfile.PDF_UA_1)
    assert report.is_compliant == (not report.failures)
    return [(failure.rule_id, failure.message) for failure in report.failures]


def with_note(note: str) -> PlanSheet:
    sheet = usual_sheet()
    goal = sheet.goals[0]
    actions = (replace(goal.actions[0], task=note), *goal.actions[1:])
    return replace(sheet, participants=note, goals=(replace(goal, actions=actions),))


def test_the_usual_plan_is_pdf_ua(usual: bytes) -> None:
    assert problems(usual) == []


def test_the_checker_can_say_no() -> None:
    broken = raw('<html lang="en"><body><svg viewBox="0 0 1 1"><rect/></svg><h3>x</h3></body>')
    assert problems(broken)


def test_the_usual_plan_takes_one_or_two_letter_pages(usual: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(usual)).pages
    assert 1 <= len(pages) <= 2
    assert {tuple(map(float, page.mediabox[2:])) for page in pages} == {(612.0, 792.0)}


def test_the_same_plan_gives_the_same_bytes_in_another_process(usual: bytes) -> None:
    assert plan_pdf(usual_sheet()) == usual
    code = (
        "import sys; from benchmarks.plan_pdf import plan_pdf, usual_sheet;"
        "sys.stdout.buffer.write(plan_pdf(usual_sheet()))"
    )
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert other.stdout == usual


def test_a_changed_plan_gives_other_bytes(usual: bytes) -> None:
    assert plan_pdf(replace(usual_sheet(), next_meeting=None)) != usual


def test_every_font_is_embedded(usual: bytes) -> None:
    names = set()
    for one in pypdf.PdfReader(io.BytesIO(usual)).pages:
        for font in one["/Resources"]["/Font"].get_object().values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in descendant["/FontDescriptor"].get_object()
            names.add(str(font.get_object()["/BaseFont"]).split("+")[-1])
    assert {"Sheet-Sans", "Sheet-Sans-Bold"} <= names
    assert names <= {
        "Sheet-Sans",
        "Sheet-Sans-Semi-Bold",
        "Sheet-Sans-Bold",
        "Sheet-Fallback",
        "Sheet-Fallback-Bold",
    }


def test_the_file_says_who_it_is(usual: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(usual))
    about = reader.metadata
    assert about is not None
    assert about.title == "Action plan Q4 2026, Cedar Creek Family Clinic"
    assert about.creation_date == SAVED
    assert reader.trailer["/Root"]["/Lang"] == "en-US"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize(
    "words",
    [
        "Cedar Creek Family Clinic",
        "Action plan, Q4 2026",
        "Fictional demonstration",
        "Who met",
        "J. Sato (coach)",
        "Jan 13, 2027",
        "Needs work",
        "▲ +0.3",
        "No score yet: 0 of 2 answered",
        "Now: 1 Not started",
        "By Dec 31, 2026: 2 Begun",
        "How we will know:",
        "Ask the vendor of the health record",
        "Carried over from Q3 2026.",
        "Oct 23, 2026 ☑ Done",
        "Not named yet",
        "Clinic lead",
        "Page 1 of 2",
        "Page 2 of 2",
        "Six Building Blocks self-assessment 1.0.0",
        "https://blockwise.example.org/plans/27",
        "Plan saved Nov 21, 2026, 14:02 UTC",
    ],
)
def test_the_sheet_says(usual: bytes, words: str) -> None:
    assert words in text(usual)


def test_real_plans_carry_no_demonstration_mark() -> None:
    sheet = replace(usual_sheet(), is_demo=False, organization="Three Rivers Health")
    assert "ictional" not in text(plan_pdf(sheet))


def test_an_empty_plan_is_valid_and_says_what_is_missing() -> None:
    sheet = replace(
        usual_sheet(), goals=(), met_on=None, participants="", next_meeting=None, blocks=()
    )
    content = plan_pdf(sheet)
    assert problems(content) == []
    assert "No goals yet" in text(content)


@pytest.mark.parametrize(
    "note",
    [
        "Party 🎉 when done 👩🏽‍⚕️ and ✅",
        "会议记录 and こんにちは and 한국어",
        "Grüße, señora Núñez, Ślązak, Дмитрий, Ελένη, עברית, العربية",
        "control \x07 bell, soft\u00adhyphen, \u202eright to left\u202c, \U0001f9ff, \ue000",
        "x" * 3000,
        "word " * 1200,
        "line one\nline two\r\nline three",
    ],
)
def test_any_note_keeps_the_file_valid(note: str) -> None:
    assert problems(plan_pdf(with_note(note))) == []


def test_what_no_font_can_draw_becomes_a_box() -> None:
    assert printable("ok 🎉, 会") == f"ok {MISSING}, {MISSING}"
    assert printable("✅️ done") == f"{MISSING} done"
    assert {ord(char) for char in f"{MISSING}→☐◧☑☒●◆▲▼−"} <= drawable()
    assert printable("plain text\n") == "plain text\n"


def test_markup_in_a_note_is_text() -> None:
    evil = '<script>alert(1)</script><img src="file:///etc/passwd"><b>bold</b> {{ 7*7 }}'
    html = plan_html(with_note(evil))
    assert "<script>" not in html
    assert "<img" not in html
    assert "<script>alert(1)</script>" in text(plan_pdf(with_note(evil)))


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every address that anything in the process opens through urllib or a socket."""
    seen: list[str] = []
    allowed = {"open", "socket.connect", "socket.getaddrinfo", "urllib.Request"}

    def hook(event: str, args: tuple[object, ...]) -> None:
        if watching and event in allowed:
            seen.append(f"{event} {args[0]!s:.200}")

    watching = True
    sys.addaudithook(hook)
    yield seen
    watching = False


def test_it_fetches_nothing_from_disk_or_network(tmp_path: Path, fetched: list[str]) -> None:
    raw('<html lang="en"><body><p>warm up</p></body></html>')
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><title>leak</title></svg>')
    style = tmp_path / "secret.css"
    style.write_text("p::after { content: 'LEAKED' }")
    del fetched[:]
    content = raw(
        '<html lang="en"><head>'
        f'<link rel="stylesheet" href="{style.as_uri()}">'
        f'<link rel="attachment" href="{secret.as_uri()}">'
        "</head><body><p>kept</p>"
        f'<img alt="a" src="{secret.as_uri()}"><img alt="b" src="http://127.0.0.1:9/x.png">'
        '<img alt="c" src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E">'
        f"<p style=\"background: url('{secret.as_uri()}')\">styled</p></body></html>"
    )
    assert "kept" in text(content)
    assert "LEAKED" not in text(content)
    assert b"EmbeddedFile" not in content
    assert [event for event in fetched if "secret" in event or "socket" in event] == []


def test_a_sheet_that_is_too_long_is_refused() -> None:
    with pytest.raises(PdfTooLarge, match="too long"):
        raw("x" * (pdf.MAX_CHARACTERS + 1))


def test_a_sheet_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(PdfTooLarge, match="nested"):
        raw("<div>" * 3000 + "x")


def test_a_sheet_that_takes_too_long_is_given_up_and_the_next_one_works() -> None:
    cells = "<tr>" + "<td>some words to lay out</td>" * 20 + "</tr>"
    with pytest.raises(PdfTooLarge, match="too long to lay out"):
        raw(f'<html lang="en"><body><table>{cells * 200}</table>', timeout=0.3)
    assert "next" in text(raw('<html lang="en"><body><p>next</p></body></html>'))


def test_without_pango_the_error_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf._press.cache_clear()
    with pytest.raises(PdfUnavailable, match="apt-get install libpango"):
        raw("<p>x</p>")
    reason = pdf.unavailable_reason()
    assert reason is not None
    assert "Pango" in reason


def test_importing_the_module_loads_neither_weasyprint_nor_flask() -> None:
    code = (
        "import sys, core.pdf;"
        "assert not {'weasyprint', 'flask', 'matplotlib', 'fontTools'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_dates_in_the_file_are_utc_whatever_the_zone_given() -> None:
    west = timezone(timedelta(hours=-8))
    content = raw("<p>x</p>", created=datetime(2026, 1, 1, 4, tzinfo=west))
    about = pypdf.PdfReader(io.BytesIO(content)).metadata
    assert about is not None
    assert about.creation_date == datetime(2026, 1, 1, 12, tzinfo=UTC)
