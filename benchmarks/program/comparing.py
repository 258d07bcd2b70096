"""Ten million answers to seven analyses: Blockwise beside pandas with pingouin, and beside R."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from math import isclose
from pathlib import Path

from benchmarks.program import making, page, peers
from benchmarks.program.process import Failed, Took, run
from config import ROOT

HERE = Path(__file__).parent
OWN = "Blockwise, from rollups"


@dataclass(frozen=True, slots=True)
class Files:
    """Where the made program is: its database, its answers as CSV, its milestones by block."""

    folder: Path
    database: Path
    answers: Path
    blocks: Path


def main(size: making.Size) -> None:
    """Make the program once, measure everybody in turn, print a table with ratios."""
    files = _files(size)
    print(
        f"\n{size.clinics:,} clinics x {size.quarters} quarters, {size.answers:,} answers: "
        "six blocks and the overall score,\nrepeated-measures ANOVA with corrections, "
        "each in a fresh process"
    )
    took = _measure(files)
    _refuse_other_results(took)
    own = took[OWN]
    print(f"{'':<34} {'wall s':>8} {'CPU s':>8} {'peak MB':>9}   compared with Blockwise")
    for name, one in took.items():
        ratio = "" if name == OWN else (
            f"   {one.wall / own.wall:5.1f} x the time, {one.cpu / own.cpu:5.1f} x the CPU, "
            f"{one.megabytes / own.megabytes:5.1f} x the memory"
        )  # fmt: skip
        print(f"{name:<34} {one.wall:8.2f} {one.cpu:8.2f} {one.megabytes:9.0f}{ratio}")
    print(page.measure(files.database, size))


def _files(size: making.Size) -> Files:
    folder = Path(tempfile.gettempdir()) / "blockwise-bench"
    place = folder / f"{size.clinics}x{size.quarters}x{size.raters}"
    files = Files(folder, *(place / name for name in ("program.db", "answers.csv", "blocks.csv")))
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")  # and programs in it are run
    done, mark = place / "complete", _mark()
    if not done.exists() or done.read_text() != mark:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        start = time.perf_counter()
        print(f"Making a program with {size.answers:,} answers ...", file=sys.stderr, flush=True)
        making.make(files.database, size)
        making.write_csv(files.database, files.answers, files.blocks)
        done.write_text(mark)
        print(f"... made in {time.perf_counter() - start:.0f} s: {place}", file=sys.stderr)
    return files


def _mark() -> str:
    """Changes when the tables, or what is put into them, do."""
    files = [
        HERE / "making.py",
        HERE / "scoring.py",
        *(ROOT / "migrations" / "versions").glob("*.py"),
    ]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _measure(files: Files) -> dict[str, Took]:
    compiled = files.folder / "compiled"
    warm_up: list[list[str]] = []
    database, blocks = str(files.database), str(files.blocks)
    commands = {OWN: [sys.executable, "-m", "benchmarks.program.own", database]}
    if python := peers.pandas_python(files.folder):
        script = str(HERE / "pandas_pingouin.py")
        commands["pandas.read_sql + pingouin"] = [python, script, database, blocks]
        warm_up.append([python, "-c", "import pandas, pingouin; print('{}')"])
    if rscript := peers.rscript():
        script = str(HERE / "closed_form.R")
        commands["R data.table + closed form"] = [rscript, script, str(files.answers), blocks]
    else:
        print("R with data.table is not installed here, so it is left out.")
    took = {}
    for command in (commands[OWN], *warm_up):
        run(command, compiled)  # so that nobody's time goes into compiling what it imports
    for name, command in commands.items():
        try:
            took[name] = run(command, compiled)
        except Failed as error:
            if name == OWN:
                raise
            print(f"{name} failed and is left out: {error}")
    return took


def _refuse_other_results(took: dict[str, Took]) -> None:
    """Speed counts only for the same numbers. Raises RuntimeError."""
    for name, one in took.items():
        for key, result in took[OWN].found.items():
            for what, value in result.items():
                other = one.found[key][what]
                # a p-value below what doubles hold is 0 for some and 1e-310 for others
                if not isclose(value, other, rel_tol=1e-6, abs_tol=1e-250):
                    raise RuntimeError(f"{name} has {what} {other} for {key}, not {value}")
