"""The form through which filled-in workbooks come in, one or several."""

from __future__ import annotations

from flask import request
from wtforms import MultipleFileField

from assess.excel.files import file_name
from assess.excel.parts import MAX_BYTES, MIB
from core.forms import Form

MOST_FILES = 20


class FilesForm(Form):
    """Excel files that were filled in."""

    files = MultipleFileField(
        "Filled-in Excel files",
        description=f"Ending in .xlsx. Up to {MOST_FILES} at once, {MAX_BYTES // MIB} MB each.",
    )

    def contents(self) -> list[tuple[str, bytes]]:
        """Name and content of what was chosen; one byte more than allowed shows a large one."""
        chosen = [one for one in request.files.getlist("files") if one.filename]
        if not chosen:
            self.files.errors = ["Choose the Excel file that was filled in."]
        elif len(chosen) > MOST_FILES:
            self.files.errors = [f"{len(chosen)} files are too many. Choose {MOST_FILES} at most."]
        if self.files.errors:
            return []
        return [(file_name(one.filename or ""), one.read(MAX_BYTES + 1)) for one in chosen]
