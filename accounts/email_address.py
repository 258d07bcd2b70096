"""Reads an email address as people type it, the same way wherever one is typed."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

LONGEST = 254


class BadEmail(ValueError):
    """What was typed is no email address: what is wrong, and how to mend it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.message = message
        self.fix = fix


def read_email(text: str) -> str:
    """The address in lower case, as it is stored and compared; whether mail arrives is not asked.

    Raises BadEmail.
    """
    text = text.strip()
    if not text:
        raise BadEmail("The email address is missing.", "Enter one, like sam@example.org.")
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise BadEmail(
            "This is not an email address.", "Enter it like this: sam@example.org."
        ) from None
    if len(found.normalized) > LONGEST:
        raise BadEmail("This address is too long.", f"Use no more than {LONGEST} characters.")
    return found.normalized.lower()
