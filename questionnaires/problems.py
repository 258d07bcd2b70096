"""Says what is wrong with a questionnaire file, so that its author can mend it without help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FieldPath = tuple[str | int, ...]
"""Where a value stands in a file: mapping keys and list positions from the root."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: the file, its line (1-based), the field's path, and what to do about it."""

    source: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.field}: {self.message}"


class QuestionnaireError(Exception):
    """A questionnaire file cannot be used; `problems` lists every fault found, by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownQuestionnaire(LookupError):
    """No published questionnaire has this name, or not in this version."""


def field_name(path: FieldPath) -> str:
    """Write a path the way people quote it: `blocks[0].milestones[2].levels.3`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text or "(whole file)"
