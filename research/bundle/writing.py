"""Writes a data bundle: one zip, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from research.bundle import expected
from research.bundle.codebook import codebook_csv, codebook_html
from research.bundle.content import BundleContent
from research.bundle.csv_files import table_csv
from research.bundle.data_package import data_package
from research.bundle.frames import missing_packages
from research.bundle.layout import tables
from research.bundle.losses import losses
from research.bundle.parquet import write_parquet
from research.bundle.readme import readme
from research.bundle.redcap import redcap_files
from research.bundle.spss import write_spss
from research.bundle.stata import write_stata
from research.bundle.tables import Table
from research.bundle.vlmd import vlmd_csv, vlmd_json

Progress = Callable[[int, str], None]
"""Told the percentage done, 0 to 100, and in a few words what is being written now."""

_SCRIPTS = Path(__file__).parent / "scripts"
_MOMENT = (1980, 1, 1, 0, 0, 0)
_WRITERS = {"spss/{}.sav": write_spss, "stata/{}.dta": write_stata}


def unheard(percent: int, step: str) -> None:
    """Progress that nobody waits for."""


def write_bundle(
    content: BundleContent, target: IO[bytes] | Path, progress: Progress = unheard
) -> None:
    """Write the whole zip to `target`; a Path appears only once it is complete."""
    if not isinstance(target, Path):
        _write(content, target, progress)
        return
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            _write(content, file, progress)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write(content: BundleContent, target: IO[bytes], progress: Progress) -> None:
    files: dict[str, bytes] = {}
    for percent, step, written in _steps(content):
        progress(percent, step)
        files |= written()
    sums = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())
    )
    progress(95, "Packing")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in (*sorted(files.items()), ("SHA256SUMS", sums.encode())):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    progress(100, "Ready")


def _steps(
    content: BundleContent,
) -> Iterator[tuple[int, str, Callable[[], Mapping[str, bytes]]]]:
    """Each step with how much is done before it; its files are written when it is called."""
    made = tables(content)
    missing = missing_packages()
    yield 5, "Tables", lambda: _tables(content, made)
    yield 25, "Codebook", lambda: _words(content, made, missing)
    yield 35, "REDCap", lambda: redcap_files(content)
    if not missing:
        yield 45, "SPSS and Stata", lambda: _statistics_files(made)
        yield 80, "Parquet", lambda: _in_folder(made, "parquet/{}.parquet", write_parquet)
    yield 90, "Scripts", lambda: _scripts(content)


def _tables(content: BundleContent, made: Sequence[Table]) -> dict[str, bytes]:
    files = {f"data/{table.name}.csv": table_csv(table) for table in made}
    return {**files, "datapackage.json": data_package(content, made, files)}


def _words(
    content: BundleContent, made: tuple[Table, ...], missing: Sequence[str]
) -> dict[str, bytes]:
    return {
        "README.md": readme(content, made, has_binary=not missing).encode(),
        "LOSSES.txt": losses(content, made, missing).encode(),
        "codebook.csv": codebook_csv(made),
        "codebook.html": codebook_html(content, made),
        "heal/vlmd/vlmd.csv": vlmd_csv(made),
        "heal/vlmd/vlmd.json": vlmd_json(content, made),
        "questionnaire.yaml": content.instrument.document.encode(),
    }


def _statistics_files(made: Sequence[Table]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for pattern, write in _WRITERS.items():
        files |= _in_folder([one for one in made if one.name != "long"], pattern, write)
    return files


def _in_folder(
    made: Sequence[Table], pattern: str, write: Callable[[Table, Path], None]
) -> dict[str, bytes]:
    """Files of programs that write to a path: in a folder of their own, which does not stay."""
    with TemporaryDirectory(prefix="blockwise-") as folder:
        path = Path(folder) / "file"
        files: dict[str, bytes] = {}
        for table in made:
            write(table, path)
            files[pattern.format(table.name)] = path.read_bytes()
            os.truncate(path, 0)
        return files


def _scripts(content: BundleContent) -> dict[str, bytes]:
    return {
        **{path.name: path.read_bytes() for path in sorted(_SCRIPTS.glob("analysis.*"))},
        "expected.json": expected.expected_json(content),
        "expected.csv": expected.expected_csv(content),
    }
