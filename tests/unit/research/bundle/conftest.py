"""One bundle for all tests that read it; writing it takes longer than reading it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from research.bundle.content import BundleContent
from research.bundle.layout import tables
from research.bundle.tables import Table
from research.bundle.writing import write_bundle
from tests.unit.research.bundle import studies


@pytest.fixture(scope="session")
def content() -> BundleContent:
    return studies.content()


@pytest.fixture(scope="session")
def made(content: BundleContent) -> Mapping[str, Table]:
    return {table.name: table for table in tables(content)}


@pytest.fixture(scope="session")
def archive(content: BundleContent) -> bytes:
    buffer = io.BytesIO()
    write_bundle(content, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def folder(archive: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, unpacked; tests that change it work on a copy."""
    path = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(path)
    return path
