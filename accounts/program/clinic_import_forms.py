"""The form through which a file of clinics comes in: uploaded, or pasted."""

from __future__ import annotations

from flask import request
from wtforms import FileField, HiddenField, TextAreaField
from wtforms.validators import Length

from accounts.program.clinic_file import MAX_BYTES
from core.forms import Form


class ImportForm(Form):
    """A file, or else the text of one."""

    file = FileField("CSV file", description="Saved in Excel or another program as “CSV UTF-8”.")
    content = TextAreaField(
        "Or paste the table here",
        description="With the names of the columns in the first line.",
        validators=[Length(max=MAX_BYTES, message="This is larger than 1 MB. Split it.")],
        render_kw={"rows": "6", "spellcheck": "false", "autocomplete": "off"},
    )
    digest = HiddenField()

    def table(self) -> bytes:
        """What came in; the file counts when there are both. Empty when there is neither."""
        upload = request.files.get("file")
        if upload is not None and upload.filename:
            content: bytes = upload.read(MAX_BYTES + 1)
            return content
        return (self.content.data or "").encode("utf-8", "replace")
