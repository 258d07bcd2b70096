"""Packs a folder into a zip that has the same bytes each time, with the sums of all files last."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path
from typing import IO

SUMS = "SHA256SUMS"
_MOMENT = (1980, 1, 1, 0, 0, 0)


def sha256_of(path: Path) -> str:
    """The sum of a file, which need not fit into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, target: IO[bytes]) -> None:
    """Every file of the folder by name, then SHA256SUMS, at a time that never changes."""
    paths = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    names = sorted(paths)
    sums = "".join(f"{sha256_of(paths[name])}  {name}\n" for name in names)
    (folder / SUMS).write_text(sums, encoding="utf-8")
    with zipfile.ZipFile(target, "w") as archive:
        for name in (*names, SUMS):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.file_size = (folder / name).stat().st_size  # whether it needs 64-bit sizes
            with (folder / name).open("rb") as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed, 1024 * 1024)
