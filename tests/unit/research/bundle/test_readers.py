"""What stands in the files, read back by other programs' readers, is what the tables hold."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from assess.scoring import Basis
from research.bundle import layout
from research.bundle.building import build_content
from research.bundle.labels import shortened
from research.bundle.spss import write_spss
from research.bundle.tables import Cell, Kind, Table
from research.bundle.vlmd import HEADER
from research.bundle.writing import write_files
from tests.unit.research.bundle import studies

BINARY = ("assessments", "wide", "clinics")


def cells(table: Table, name: str) -> list[Cell]:
    place = table.place(name)
    return [row[place] for row in table.rows]


def same(found: object, cell: Cell) -> bool:
    if cell is None:
        return found in (None, "") or (isinstance(found, float) and math.isnan(found))
    return found == cell


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["clinics", "assessments", "long", "wide"])
def test_csv_files_hold_every_digit(folder: Path, made: Mapping[str, Table], name: str) -> None:
    table = made[name]
    rows = read_csv(folder / "data" / f"{name}.csv")
    assert len(rows) == len(table.rows) > 0
    for row, expected in zip(rows, table.rows, strict=True):
        assert list(row) == [column.name for column in table.columns]
        for column, text, cell in zip(table.columns, row.values(), expected, strict=True):
            is_text = column.kind is Kind.TEXT or text == ""
            assert same(text if is_text else float(text), cell)


def test_rows_have_the_keys_they_claim(made: Mapping[str, Table]) -> None:
    for table in made.values():
        places = [table.place(name) for name in table.key]
        keys = [tuple(row[place] for place in places) for row in table.rows]
        assert len(set(keys)) == len(keys)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", one.name) for one in table.columns)


@pytest.mark.parametrize("name", BINARY)
def test_spss_files_hold_values_labels_and_missing_codes(
    folder: Path, made: Mapping[str, Table], name: str
) -> None:
    table = made[name]
    data, meta = pyreadstat.read_sav(folder / "spss" / f"{name}.sav", user_missing=True)
    assert list(data.columns) == [column.name for column in table.columns]
    for column in table.columns:
        assert meta.column_names_to_labels[column.name] == column.title
        found, expected = list(data[column.name]), cells(table, column.name)
        if column.na and column.levels:
            flags = cells(table, column.na)
            expected = [
                9 if flag == 1 else cell for cell, flag in zip(expected, flags, strict=True)
            ]
            assert meta.missing_ranges[column.name] == [{"lo": 9.0, "hi": 9.0}]
            labels = meta.variable_value_labels[column.name]
            assert labels == {**column.levels, 9: "Does not apply"}
        assert all(same(one, cell) for one, cell in zip(found, expected, strict=True))
    assert meta.creation_time.year < 2000


@pytest.mark.parametrize("name", BINARY)
def test_stata_files_read_the_same_in_pandas(
    folder: Path, made: Mapping[str, Table], name: str
) -> None:
    table = made[name]
    path = folder / "stata" / f"{name}.dta"
    reader = pd.io.stata.StataReader(path, convert_missing=True, convert_categoricals=False)
    with reader:
        data, labels = reader.read(), reader.variable_labels()
        words = reader.value_labels()
    assert path.read_bytes()[:60].startswith(b"<stata_dta><header><release>118<")
    for column in table.columns:
        assert labels[column.name] == shortened(column.title, 80)
        flags = cells(table, column.na) if column.na and column.levels else [0] * len(table.rows)
        for one, cell, flag in zip(
            data[column.name], cells(table, column.name), flags, strict=True
        ):
            if flag == 1:
                assert str(one) == ".a"
            else:
                assert same("" if str(one) == "." else one, cell)
    if name == "assessments":
        # one set of words for the first milestone, and none of the second's .a is lost
        assert {"Does not apply"} <= {word for given in words.values() for word in given.values()}


def test_stata_labels_are_no_longer_than_80_bytes(folder: Path) -> None:
    _, meta = pyreadstat.read_dta(folder / "stata" / "assessments.dta", metadataonly=True)
    labels = [label or "" for label in meta.column_labels]
    assert max(len(label.encode()) for label in labels) <= 80
    assert any(label.endswith("…") for label in labels)
    assert "Labels are cut: m07_na" in (folder / "LOSSES.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["clinics", "assessments", "long", "wide"])
def test_parquet_files_hold_types_and_nulls(
    folder: Path, made: Mapping[str, Table], name: str
) -> None:
    table = made[name]
    data = pq.read_table(folder / "parquet" / f"{name}.parquet")
    assert data.num_rows == len(table.rows)
    for column in table.columns:
        assert data.column(column.name).to_pylist() == cells(table, column.name)
        metadata = data.schema.field(column.name).metadata
        assert metadata[b"title"].decode() == column.title


def test_the_data_package_holds_what_it_says(folder: Path) -> None:
    """The rules of Table Schema, by hand; `frictionless validate` runs where it is installed."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    known = {row["clinic"] for row in read_csv(folder / "data" / "clinics.csv")}
    for resource in package["resources"]:
        rows = read_csv(folder / resource["path"])
        assert resource["bytes"] == (folder / resource["path"]).stat().st_size
        schema = resource["schema"]
        assert [field["name"] for field in schema["fields"]] == list(rows[0])
        for field in schema["fields"]:
            for row in rows:
                _obeys(field, row[field["name"]])
        assert {row["clinic"] for row in rows} <= known


def test_a_scale_that_reaches_nine_has_another_code(tmp_path: Path) -> None:
    content = studies.content(studies.study(slug="six_building_blocks_maturity"))
    assessments = layout.assessments(content)
    write_spss(assessments, tmp_path / "file.sav")
    data, meta = pyreadstat.read_sav(tmp_path / "file.sav", user_missing=True)
    assert meta.missing_ranges["m02"] == [{"lo": 99.0, "hi": 99.0}]
    flags = cells(assessments, "m02_na")
    assert [value == 99 for value in data["m02"]] == [flag == 1 for flag in flags]
    assert 1 in flags


def test_imported_scores_without_milestones_are_written(tmp_path: Path) -> None:
    study = studies.study()
    imported = tuple(replace(one, basis=Basis.IMPORTED, raters=0) for one in study.assessments)
    readings = [replace(one, milestones={}, met=None) for one in studies.readings(study)]
    content = build_content(
        replace(study, assessments=imported), readings,
        title="", made_on=studies.MADE_ON, query="", words="",
    )  # fmt: skip
    write_files(content, tmp_path)
    data, _ = pyreadstat.read_dta(tmp_path / "stata" / "assessments.dta", user_missing=True)
    assert data["m01"].isna().all()
    assert set(data["basis"]) == {"imported"}
    rows = read_csv(tmp_path / "data" / "long.csv")
    assert {row["kind"] for row in rows} == {"overall", "block"}


def _obeys(field: dict[str, Any], text: str) -> None:
    constraints = field.get("constraints", {})
    if text == "":
        assert not constraints.get("required")
        return
    assert text in constraints.get("enum", [text])
    assert re.fullmatch(constraints.get("pattern", ".*"), text)
    if field["type"] != "string":
        number = int(text) if field["type"] == "integer" else float(text)
        assert constraints.get("minimum", number) <= number <= constraints.get("maximum", number)


def test_redcap_files_fit_together(folder: Path, made: Mapping[str, Table]) -> None:
    dictionary = read_csv(folder / "redcap" / "dictionary.csv")
    assert len(dictionary[0]) == 18
    header = list(dictionary[0])
    assert (header[0], header[17]) == ("Variable / Field Name", "Field Annotation")
    names = [row["Variable / Field Name"] for row in dictionary]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name) for name in names)
    records = read_csv(folder / "redcap" / "import.csv")
    assert list(records[0])[:2] == ["clinic", "redcap_event_name"]
    forms = {row["Form Name"] for row in dictionary}
    expected = {*names, "redcap_event_name", *(f"{form}_complete" for form in forms)}
    assert set(records[0]) == expected
    mapping = read_csv(folder / "redcap" / "mapping.csv")
    assert {row["form"] for row in mapping} == forms
    form_of = {row["unique_event_name"]: row["form"] for row in mapping}
    for record in records:
        form = form_of[record["redcap_event_name"]]
        assert {name: record[f"{name}_complete"] for name in forms if name != form}.popitem()[
            1
        ] == ""
        assert record[f"{form}_complete"] == "2"
    assert len(read_csv(folder / "redcap" / "events.csv")) == len(mapping)
    assert len(records) == len(made["clinics"].rows) + len(made["assessments"].rows)


def test_redcap_choices_hold_every_value(folder: Path) -> None:
    records = read_csv(folder / "redcap" / "import.csv")
    radios = [row for row in read_csv(folder / "redcap" / "dictionary.csv")
              if row["Field Type"] == "radio"]  # fmt: skip
    assert len(radios) > 26
    for field in radios:
        listed = field["Choices, Calculations, OR Slider Labels"].split(" | ")
        codes = {choice.split(", ")[0] for choice in listed}
        name = field["Variable / Field Name"]
        assert {record[name] for record in records} <= {*codes, ""}
    assert {record["m02"] for record in records if record["m02_state"] == "not_applicable"} == {"9"}


def test_heal_metadata_fits_its_schema(folder: Path, made: Mapping[str, Table]) -> None:
    document = json.loads((folder / "heal" / "vlmd" / "vlmd.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, HEAL)
    rows = read_csv(folder / "heal" / "vlmd" / "vlmd.csv")
    assert tuple(rows[0]) == HEADER
    assert [row["name"] for row in rows] == [field["name"] for field in document["fields"]]
    columns = {one.name for name in ("clinics", "assessments") for one in made[name].columns}
    assert {row["name"] for row in rows} == columns
    for row, field in zip(rows, document["fields"], strict=True):
        pairs = row["enumLabels"].split("|") if row["enumLabels"] else []
        assert len(pairs) == len(field.get("enumLabels", {}))
        assert all(re.fullmatch(r"[^=|]+=[^=|]+", pair) for pair in pairs)


def test_the_codebook_has_every_variable_and_is_valid_html(
    folder: Path, made: Mapping[str, Table]
) -> None:
    rows = read_csv(folder / "codebook.csv")
    expected = [(table.name, column.name) for table in made.values() for column in table.columns]
    assert [(row["table"], row["variable"]) for row in rows] == expected
    page = (folder / "codebook.html").read_text(encoding="utf-8")
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page)
    assert page.count('<th scope="row">') == len(rows)


# what the HEAL schema for data dictionaries (github.com/HEAL/heal-metadata-schemas) asks of the
# parts that a bundle uses
HEAL: dict[str, Any] = {
    "type": "object",
    "required": ["title", "fields"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "description": {"type": "string"},
        "schemaVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "description"],
                "additionalProperties": False,
                "properties": {
                    "section": {"type": "string"},
                    "name": {"type": "string"},
                    "title": {"type": "string"},
                    "description": {"type": "string", "minLength": 1},
                    "type": {"enum": ["number", "integer", "string"]},
                    "constraints": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "required": {"type": "boolean"},
                            "enum": {"type": "array"},
                            "maximum": {"type": "integer"},
                            "minimum": {"type": "integer"},
                        },
                    },
                    "enumLabels": {"type": "object"},
                    "missingValues": {"type": "array"},
                },
            },
        },
    },
}
