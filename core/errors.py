"""Errors a person can act on; app.py turns each into one plain page or JSON answer."""

from __future__ import annotations

from collections.abc import Mapping


class BlockwiseError(Exception):
    """Base of the errors whose text is written for the person who meets it."""

    status = 400
    title = "That did not work"
    headers: Mapping[str, str] = {}
    """What the answer's head says besides."""


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


class TokenRefused(BlockwiseError):
    """A program came without a token, or with one that is unknown, revoked or expired."""

    status = 401
    title = "This needs a token"

    def __init__(self, *, was_given: bool) -> None:
        # RFC 6750, section 3: who sent no token is told no error
        error = ', error="invalid_token"' if was_given else ""
        self.headers = {"WWW-Authenticate": f'Bearer realm="Blockwise"{error}'}
        super().__init__(
            "This token does not work: it is unknown, revoked or expired. Make a new one under "
            "Trends, API tokens."
            if was_given
            else "Send a token of yours in the head of the request, as in “Authorization: Bearer "
            "bw_…”. You make tokens under Trends, API tokens."
        )
