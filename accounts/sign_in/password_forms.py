"""The field in which people choose a new password, for every page where they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from wtforms import Field, PasswordField
from wtforms.validators import InputRequired, ValidationError

from accounts.sign_in.password_rules import (
    MAXIMUM,
    MINIMUM_ALONE,
    MINIMUM_WITH_SECOND_FACTOR,
    find_problem,
)
from core.forms import Form


class NewPasswordForm(Form):
    """Base of forms with the field `new_password`; hand over what the rules need to know:

        form = AcceptForm().for_person(context=[email, name, organization])

    The template draws the field with components/field.html; its hint says how long it must be.
    There is one field and no second one to repeat it: browsers show and keep what is typed.
    """

    new_password = PasswordField(
        "New password",
        validators=[InputRequired("Choose a password.")],
        render_kw={"autocomplete": "new-password", "maxlength": MAXIMUM},
    )

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        # pages ask for it last, and the summary of errors names fields as the page does
        self._fields["new_password"] = self._fields.pop("new_password")

    def for_person(self, *, context: Sequence[str] = (), second_factor: bool = False) -> Self:
        """Check the new password for somebody whom guessers know by these words."""
        self._context, self._second_factor = tuple(context), second_factor
        self.new_password.description = password_hint(second_factor=second_factor)
        return self

    def validate_new_password(self, field: Field) -> None:
        check_new_password(
            field,
            context=getattr(self, "_context", ()),
            second_factor=getattr(self, "_second_factor", False),
        )


def password_hint(*, second_factor: bool = False) -> str:
    """What the page says before somebody types."""
    minimum = MINIMUM_WITH_SECOND_FACTOR if second_factor else MINIMUM_ALONE
    return (
        f"At least {minimum} characters, spaces are fine. Several unrelated words are easy to "
        "remember and hard to guess. A password manager helps."
    )


def check_new_password(
    field: Field, *, context: Sequence[str] = (), second_factor: bool = False
) -> None:
    """For forms of another shape: raises ValidationError when the rules refuse the password."""
    problem = find_problem(field.data or "", second_factor=second_factor, context=context)
    if problem:
        raise ValidationError(problem)
