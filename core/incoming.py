"""The request as our code reads it: every part has a name, and no part touches the disk."""

from __future__ import annotations

import io
from typing import IO, Any

import flask
from werkzeug.datastructures import ImmutableMultiDict


class Request(flask.Request):
    """Flask's request without the parts of a multipart body that have no name.

    No browser sends such parts. Werkzeug keeps them under the key None, which is no text: code
    that looks at the names of fields, Flask-WTF's among it, would stumble over them.
    """

    def _get_file_stream(self, *_sizes_and_names: Any, **_more: Any) -> IO[bytes]:
        """Where an uploaded file lies while it is read: never in a temporary file.

        Werkzeug moves what is larger than 500 kB to the disk, and files hold what people rated.
        core.limits and MAX_CONTENT_LENGTH bound the memory.
        """
        return io.BytesIO()

    def _load_form_data(self) -> None:
        super()._load_form_data()
        for name in ("form", "files"):
            parts = self.__dict__[name]
            if None in parts:
                for file in parts.getlist(None) if name == "files" else ():
                    file.close()
                self.__dict__[name] = ImmutableMultiDict(
                    (key, value) for key, value in parts.items(multi=True) if key is not None
                )
