"""Errors a person can act on; app.py turns each into one plain page or JSON answer."""

from __future__ import annotations


class BlockwiseError(Exception):
    """Base of the errors whose text is written for the person who meets it."""

    status = 400
    title = "That did not work"


class NotFound(BlockwiseError):
    """The thing does not exist, or the viewer may not know that it does."""

    status = 404
    title = "We cannot find that page"


class Forbidden(BlockwiseError):
    """The viewer knows of the thing but may not do this with it."""

    status = 403
    title = "You cannot do that here"


class Conflict(BlockwiseError):
    """What was sent builds on something that has changed since, or the state forbids it."""

    status = 409
    title = "This has changed in the meantime"
