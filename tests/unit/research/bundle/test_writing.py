"""The zip as a whole: the same bytes each time, whole or not there, nobody's name inside."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from research.bundle import writing
from research.bundle.content import BundleContent
from research.bundle.readme import readme
from research.bundle.writing import write_bundle
from research.selection import Method, Selection
from research.study import VersionBreak
from tests.unit.research.bundle import studies


def test_the_same_content_gives_the_same_bytes(content: BundleContent, archive: bytes) -> None:
    again = io.BytesIO()
    told: list[tuple[int, str]] = []
    write_bundle(content, again, lambda percent, step: told.append((percent, step)))
    assert again.getvalue() == archive
    assert [percent for percent, _ in told] == sorted(percent for percent, _ in told)
    assert told[-1] == (100, "Ready")


def test_sums_of_all_files_come_last(archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        *names, last = packed.namelist()
        assert last == "SHA256SUMS"
        assert names == sorted(names)
        sums = dict(reversed(line.split("  ")) for line in packed.read(last).decode().splitlines())
        assert sums == {name: hashlib.sha256(packed.read(name)).hexdigest() for name in names}


def test_no_name_and_no_id_of_the_database_is_inside(archive: bytes) -> None:
    study = studies.study()
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        whole = b"\n".join(packed.read(name) for name in packed.namelist())
    secrets = [clinic.label for clinic in study.clinics]
    secrets += [clinic.organization for clinic in study.clinics]
    for text in (*secrets, "Cedar Grove", "Harbor Health"):
        for encoding in ("utf-8", "utf-16-le"):
            assert text.encode(encoding) not in whole
    tables = json.loads(_read(archive, "datapackage.json"))["resources"]
    columns = {field["name"] for one in tables for field in one["schema"]["fields"]}
    assert not {name for name in columns if name == "id" or name.endswith("_id")}


def test_a_path_appears_only_when_it_is_complete(
    content: BundleContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> dict[str, bytes]:
        raise OSError("disk full")

    monkeypatch.setattr(writing, "missing_packages", lambda: ("pandas",))
    write_bundle(content, tmp_path / "whole.zip")
    monkeypatch.setattr(writing, "redcap_files", breaks)
    with pytest.raises(OSError, match="disk full"):
        write_bundle(content, tmp_path / "broken.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["whole.zip"]


def test_without_the_extra_the_rest_is_there_and_the_gap_is_said(
    content: BundleContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "missing_packages", lambda: ("pyarrow", "pyreadstat"))
    buffer = io.BytesIO()
    write_bundle(content, buffer)
    with zipfile.ZipFile(buffer) as packed:
        names = packed.namelist()
    assert not [name for name in names if name.startswith(("spss", "stata", "parquet"))]
    assert "data/long.csv" in names
    assert "Not in this bundle: pyarrow, pyreadstat" in _read(buffer.getvalue(), "LOSSES.txt")
    assert "spss/" not in _read(buffer.getvalue(), "README.md")


def test_the_readme_says_what_was_selected_found_and_withheld(
    content: BundleContent, archive: bytes
) -> None:
    text = " ".join(_read(archive, "README.md").split())
    assert content.study.words in text
    assert content.study.query in text
    assert "F(3, 24) = " in text
    assert "The state of 5 of 10 clinics is withheld." in text
    assert content.instrument.license.holder in text


def test_the_readme_tells_of_groups_models_and_versions() -> None:
    selection = Selection(group="organization", method=Method.MIXED)
    earlier = VersionBreak("0.9.0", studies.QUARTERS[2], 20, 4)
    content = studies.content(replace(studies.study(selection=selection), breaks=(earlier,)))
    text = " ".join(readme(content, (), has_binary=False).split())
    assert "Overall score, mixed model: b = " in text
    assert "Groups by time: F(3, 21) = " in text
    assert "Version 0.9.0 of the questionnaire was answered before Q3 2025." in text
    assert "score of 4 of its 20 assessments is not comparable" in text


def test_an_organization_is_not_told_by_its_id_in_the_address(content: BundleContent) -> None:
    study = replace(content.study, query="score=overall&organization=7&view=full")
    text = readme(replace(content, study=study), (), has_binary=False)
    assert "Query: `score=overall&view=full`" in text
    assert "https://" not in text.partition("## Files")[0]


def test_the_questionnaire_is_the_file_itself(content: BundleContent, archive: bytes) -> None:
    text = _read(archive, "questionnaire.yaml")
    assert hashlib.sha256(text.encode()).hexdigest() == content.instrument.sha256


def _read(archive: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return packed.read(name).decode("utf-8")
