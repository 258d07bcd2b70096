"""Writes a data bundle: one zip, the same bytes for the same content."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from research.bundle import expected
from research.bundle.codebook import codebook_csv, codebook_html
from research.bundle.content import BundleContent
from research.bundle.csv_files import write_table
from research.bundle.data_package import data_package
from research.bundle.frames import missing_packages
from research.bundle.layout import tables
from research.bundle.losses import losses
from research.bundle.packing import pack
from research.bundle.parquet import write_parquet
from research.bundle.readme import readme
from research.bundle.redcap import redcap_files
from research.bundle.spss import write_spss
from research.bundle.stata import write_stata
from research.bundle.tables import Table
from research.bundle.vlmd import vlmd_csv, vlmd_json

Progress = Callable[[int, str], None]
"""Told the percentage done, 0 to 100, and in a few words what is being written now."""

SCRIPTS = Path(__file__).parent / "scripts"
"""What a researcher runs; shipped as it is."""


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


def write_files(content: BundleContent, folder: Path, progress: Progress = unheard) -> None:
    """Write every file of a bundle but the sums into an empty folder."""
    for percent, step, write in _steps(content, folder):
        progress(percent, step)
        write()


def _write(content: BundleContent, target: IO[bytes], progress: Progress) -> None:
    # on disk first: a large program's long table does not fit into a small server's memory
    with TemporaryDirectory(prefix="blockwise-") as name:
        write_files(content, Path(name), progress)
        progress(92, "Packing")
        pack(Path(name), target)
    progress(100, "Ready")


def _steps(content: BundleContent, folder: Path) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Each step with how much is done before it; its files are written when it is called."""
    made = tables(content)
    missing = missing_packages()
    yield 2, "Tables", lambda: _tables(content, made, folder)
    yield 25, "Codebook", lambda: _save(folder, _words(content, made, missing))
    yield 30, "REDCap", lambda: _save(folder, redcap_files(content))
    if not missing:
        few = [table for table in made if table.name != "long"]
        yield 40, "SPSS", lambda: _each(few, folder / "spss", ".sav", write_spss)
        yield 55, "Stata", lambda: _each(few, folder / "stata", ".dta", write_stata)
        yield 70, "Parquet", lambda: _each(made, folder / "parquet", ".parquet", write_parquet)
    yield 90, "Scripts", lambda: _scripts(content, folder)


def _tables(content: BundleContent, made: Sequence[Table], folder: Path) -> None:
    _each(made, folder / "data", ".csv", write_table)
    _save(folder, {"datapackage.json": data_package(content, made, folder)})


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


def _scripts(content: BundleContent, folder: Path) -> None:
    for path in SCRIPTS.glob("analysis.*"):
        shutil.copyfile(path, folder / path.name)
    files = {
        "expected.json": expected.expected_json(content),
        "expected.csv": expected.expected_csv(content),
    }
    _save(folder, files)


def _each(
    made: Sequence[Table], folder: Path, suffix: str, write: Callable[[Table, Path], None]
) -> None:
    folder.mkdir(exist_ok=True)
    for table in made:
        write(table, folder / f"{table.name}{suffix}")


def _save(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
