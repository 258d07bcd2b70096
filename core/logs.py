"""What goes into the log: one line an event, on standard error, and never what people typed."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Set up structlog; standard output stays free for what commands print.

    Tracebacks are plain: structlog's richer ones show local variables, and so notes and passwords.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=False,
                exception_formatter=structlog.dev.plain_traceback,
                repr_native_str=True,  # no value ends its line or moves the cursor
            ),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
