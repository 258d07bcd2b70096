"""The one door to questionnaires: finds published files, checks them, keeps them in memory."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from questionnaires.building import build
from questionnaires.instrument import Instrument
from questionnaires.problems import Problem, QuestionnaireError, UnknownQuestionnaire
from questionnaires.reading import MAX_BYTES, Reading, read
from questionnaires.references import check_references
from questionnaires.shape import check_shape

__all__ = [
    "Problem",
    "QuestionnaireError",
    "UnknownQuestionnaire",
    "get",
    "load",
    "parse",
    "published",
]

FOLDER = Path(__file__).parent
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


def parse(text: str, *, source: str) -> Instrument:
    """Read, check and build a questionnaire; QuestionnaireError lists everything that is wrong."""
    reading = _checked(text, source)
    if reading.problems:
        raise QuestionnaireError(reading.problems)
    return build(reading.value, text=text)


def load(path: Path) -> Instrument:
    """Parse a file, which must be named `<id>/<version>.yaml` after its content.

    Raises QuestionnaireError, or OSError when the file cannot be opened.
    """
    source = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)  # one byte more than allowed shows that there is more
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "has a byte that is not UTF-8; save the file as UTF-8"
        raise QuestionnaireError([Problem(source, line, "(whole file)", message)]) from error
    reading = _checked(text, source)
    _check_name(reading, path)
    if reading.problems:
        raise QuestionnaireError(reading.problems)
    return build(reading.value, text=text)


def get(slug: str, version: str | None = None) -> Instrument:
    """The published questionnaire of this name, the newest version when none is asked for.

    Raises UnknownQuestionnaire when nothing of that name and version is published.
    """
    if version is None:
        versions = [found for name, found, _ in published() if name == slug]
        if not versions:
            raise UnknownQuestionnaire(f"There is no questionnaire {slug!r}.")
        version = versions[-1]
    path = FOLDER / slug / f"{version}.yaml"
    if not (_SLUG.fullmatch(slug) and _VERSION.fullmatch(version) and path.is_file()):
        raise UnknownQuestionnaire(f"There is no questionnaire {slug!r} version {version!r}.")
    stat = path.stat()
    return _cached(path, stat.st_mtime_ns, stat.st_size)


def published() -> tuple[tuple[str, str, Path], ...]:
    """(slug, version, path) of every published file, by name, then oldest version first."""
    found = [
        (path.parent.name, path.stem, path)
        for path in FOLDER.glob("*/*.yaml")
        if _SLUG.fullmatch(path.parent.name) and _VERSION.fullmatch(path.stem)
    ]
    return tuple(sorted(found, key=lambda entry: (entry[0], _parts(entry[1]))))


@lru_cache(maxsize=64)
def _cached(path: Path, _changed: int, _size: int) -> Instrument:
    """Time of change and size are part of the key: while a file is being written it is re-read."""
    return load(path)


def _checked(text: str, source: str) -> Reading:
    reading = read(text, source=source)
    if isinstance(reading.value, dict):
        check_references(reading, check_shape(reading))
    elif not reading.problems:
        reading.report((), "must be a group of fields; start with `format: 1`")
    return reading


def _check_name(reading: Reading, path: Path) -> None:
    for field, expected, what in (
        ("id", path.parent.resolve().name, "the folder is named"),
        ("version", path.stem, "the file is named"),
    ):
        value = reading.value.get(field) if isinstance(reading.value, dict) else None
        if isinstance(value, str) and value != expected:
            reading.report((field,), f"is {value!r} but {what} {expected!r}; make them equal")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
