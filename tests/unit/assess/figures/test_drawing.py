"""What holds for every figure: equal bytes, the asked size, no text lost, awkward numbers drawn."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from assess.figures import change_from_baseline, drawing
from tests.unit.assess.figures.awkward import CASES, change_figures, hashes

IDS = [name for name, _, _ in CASES]
CHANGE = dict(change_figures())["usual"]


@pytest.mark.parametrize(("name", "module", "data"), CASES, ids=IDS)
def test_is_drawn_in_a_phone_s_width_with_its_numbers_and_a_sentence(
    name: str, module: ModuleType, data: object
) -> None:
    ET.fromstring(module.draw(data, kind="svg", width=70))  # noqa: S314 - our own file
    table, sentence = module.numbers(data), module.sentence(data)
    assert all(len(row) == len(table.columns) and all(row) for row in table.rows)
    assert sentence.endswith(".")
    assert not re.search(r"\bnan|inf\b|None|caus|N/A|\b1 clinics|  ", sentence + str(table.rows))


def test_other_processes_draw_the_same_bytes() -> None:
    code = "from tests.unit.assess.figures.awkward import hashes; print(*hashes())"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "5"},
    )  # fmt: skip
    drawing.forget()
    assert run.stdout.split() == hashes()


def test_a_drawn_figure_is_kept_until_its_numbers_change(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing.forget()
    first = change_from_baseline.draw(CHANGE, kind="svg", width=90)
    assert change_from_baseline.draw(CHANGE, kind="svg", width=90) is first
    monkeypatch.setattr(drawing, "_MOST_CACHED", 1)
    change_from_baseline.draw(CHANGE, kind="svg", width=91)
    again = change_from_baseline.draw(CHANGE, kind="svg", width=90)
    assert again is not first
    assert again == first


def test_the_fingerprint_knows_numbers_and_size() -> None:
    other = dict(change_figures())["alone"]
    prints = {
        drawing.fingerprint(data, kind=kind, width=width, dpi=dpi)
        for data in (CHANGE, other)
        for kind, width, dpi in (("svg", 90, 300), ("svg", 180, 300), ("png", 90, 300),
                                 ("png", 90, 600))
    }  # fmt: skip
    assert len(prints) == 8
    # dots per inch mean nothing to a drawing made of lines
    assert drawing.fingerprint(CHANGE, kind="svg", width=90, dpi=72) in prints


def test_a_png_has_the_dots_that_were_asked_for() -> None:
    content = change_from_baseline.draw(CHANGE, kind="png", width=127, dpi=100)
    assert struct.unpack(">I", content[16:20]) == (500,)


def test_an_svg_loads_nothing_and_needs_no_font() -> None:
    text = change_from_baseline.draw(CHANGE, kind="svg", width=90).decode()
    assert "<dc:date>" not in text
    assert "font-family" not in text
    assert all(href.startswith("#") for href in re.findall(r'(?:xlink:)?href="([^"]*)"', text))


def test_a_pdf_holds_its_fonts_and_no_date() -> None:
    content = change_from_baseline.draw(CHANGE, kind="pdf", width=90)
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert b"Date" not in content


@pytest.mark.parametrize(
    ("kind", "width", "dpi"), [("svg", 20, 300), ("svg", 9000, 300), ("png", 90, 5000),
                               ("gif", 90, 300), ("svg", float("nan"), 300)],
)  # fmt: skip
def test_sizes_out_of_bounds_are_refused(kind: drawing.Kind, width: float, dpi: int) -> None:
    with pytest.raises(ValueError, match=r"A figure is|A PNG has"):
        change_from_baseline.draw(CHANGE, kind=kind, width=width, dpi=dpi)


def test_knowing_the_figures_loads_neither_matplotlib_nor_numpy() -> None:
    modules = ", ".join(sorted({module.__name__ for _, module, _ in CASES}))
    code = f"import sys, {modules}; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
