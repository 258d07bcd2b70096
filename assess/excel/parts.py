"""Looks into an uploaded workbook before any program parses it: is it one, and is it bounded?

A workbook is a zip of XML files. What openpyxl may meet is limited here: bytes packed and unpacked,
number of elements, encodings, and no document types (entities that multiply), macros or odd
compression, whose pieces Python would unpack without a bound.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

MIB = 1024 * 1024
MAX_BYTES = 2 * MIB
"""A filled-in template has 20 to 60 KB, whatever program saved it."""
MAX_PARTS = 200
MAX_UNPACKED = 16 * MIB
MAX_OTHER_PART = MIB
"""Of parts that hold no cells: styles, theme, settings."""
MAX_ELEMENTS = 300_000
MAX_SHEETS = 50
"""One part may be named as any number of sheets, and each of them takes its time to open."""

_LARGE = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
_XML = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Marks of encodings and blanks that may stand before the first sign of XML."""
_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([^\"']{0,40})", re.IGNORECASE)
_PLAIN = {b"utf-8", b"us-ascii", b"ascii"}
# openpyxl searches these with patterns that take long on long texts
_LONG_FORMAT = re.compile(rb"formatCode\s*=\s*(\"[^\"]{300}|'[^']{300})")
_LONG_NAME = re.compile(rb"definedName[^>]*>[^<]{2000}")
_MERGED = re.compile(rb"mergeCell[^>]{0,200}?ref=[\"']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})")
_SAVE_AS = "Save it in Excel as “Excel Workbook (.xlsx)”, without a password."
_SAVE_AS_XLSX = "Save it once more as an Excel workbook (.xlsx), and choose that one."


class CannotUse(Exception):
    """The whole file is out of question; says why, and what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")


def check_workbook(content: bytes) -> None:
    """Raise CannotUse unless the bytes are a workbook (.xlsx) that is safe to parse."""
    if not content:
        raise CannotUse("The file is empty.", "Choose the file that was filled in.")
    if len(content) > MAX_BYTES:
        raise _too_large()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotUse("This is an old Excel file, or it has a password.", _SAVE_AS)
    if not content.startswith(b"PK\x03\x04"):
        raise CannotUse("This is not an Excel workbook.", _SAVE_AS)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_names(archive)
            _check_parts(_unpacked(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        # Python's zipfile raises all of these for archives that are cut off or made up
        raise damaged() from error


def merged_ranges(content: bytes) -> list[str]:
    """The ranges of merged cells ("D9:G9") of a workbook that was checked; it never raises.

    openpyxl leaves them out when it reads a sheet row by row.
    """
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for one in archive.infolist():
            if _LARGE.fullmatch(one.filename):
                found += [match[1].decode() for match in _MERGED.finditer(archive.read(one))]
    return found


def damaged() -> CannotUse:
    """For a file that nobody can read."""
    return CannotUse(
        "The file is damaged.", "Open it in Excel, save it again, and choose it again."
    )


def _check_names(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [one.filename for one in parts]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise CannotUse("This workbook has macros.", _SAVE_AS)
    if "xl/workbook.xml" not in names:
        raise _another_kind(names)
    if len(set(names)) != len(names):
        raise damaged()
    for one in parts:
        if one.flag_bits & 1:
            raise CannotUse("The file has a password.", _SAVE_AS)
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        if one.file_size > MAX_OTHER_PART and not _LARGE.fullmatch(one.filename):
            raise _too_large()
    if len(parts) > MAX_PARTS or sum(one.file_size for one in parts) > MAX_UNPACKED:
        raise _too_large()


def _unpacked(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The XML parts, one after the other; zipfile unpacks no more than a part says it holds.

    Names do not decide: the workbook itself says which part is its sheet, whatever that is called.
    """
    for one in archive.infolist():
        content = archive.read(one)
        if _XML.search(one.filename) or content.lstrip(_BEFORE_XML).startswith(b"<"):
            yield content


def _check_parts(parts: Iterator[bytes]) -> None:
    elements = 0
    for content in parts:
        elements += content.count(b"<")
        if elements > MAX_ELEMENTS or content.count(b"sheetId") > MAX_SHEETS:
            raise _too_large()
        declared = _ENCODING.search(content[:300])
        encoding = declared[1].lower() if declared else b"utf-8"
        if encoding not in _PLAIN or b"\x00" in content:
            raise damaged()
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise damaged()
        if _LONG_FORMAT.search(content) or _LONG_NAME.search(content):
            raise damaged()


def _another_kind(names: list[str]) -> CannotUse:
    """For what other programs save, and how it is saved for Excel there."""
    if "content.xml" in names and "mimetype" in names:
        return CannotUse("This is an OpenDocument file (.ods).", _SAVE_AS_XLSX)
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        return CannotUse(
            "This is a Numbers file.", "In Numbers, choose File, Export To, Excel, and send that."
        )
    if "xl/workbook.bin" in names:
        return CannotUse("This is a binary Excel workbook (.xlsb).", _SAVE_AS)
    return CannotUse("This is not an Excel workbook.", _SAVE_AS)


def _too_large() -> CannotUse:
    return CannotUse(
        f"The file is larger than {MAX_BYTES // MIB} MB, or holds far more than the template.",
        "Copy the answers into a new download of the template.",
    )
