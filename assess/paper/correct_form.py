"""The form that mends one wrong key of a stored paper form: which item, and what the paper says."""

from __future__ import annotations

from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from assess.answers import UNANSWERED, AnswerValue
from assess.paper.reading import as_typed, read_key
from core.forms import Form
from questionnaires.instrument import Instrument, Milestone

NO_ITEM = ""


class TypedKey(Field):
    """A key as it was typed: what it may be depends on the item beside it."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = as_typed(valuelist[0]) if valuelist else ""

    def _value(self) -> str:
        return self.data or ""


class CorrectForm(Form):
    """One item of a paper form, and the answer that is marked on the paper."""

    item = SelectField("Item that was keyed in wrong")
    says = TypedKey("What the form says")
    is_empty = BooleanField("Nothing is marked for this item")

    def __init__(
        self, instrument: Instrument, formdata: MultiDict[str, str] | None = None, **settings: Any
    ) -> None:
        super().__init__(formdata, **settings)
        self._items = {str(one.number): one for one in instrument.milestones}
        items = (
            SelectChoice(value=number, label=f"{number} {one.title}")
            for number, one in self._items.items()
        )
        self.item.choices = [SelectChoice(value=NO_ITEM, label="Choose the item"), *items]

    @property
    def milestone(self) -> Milestone:
        """The item; asked for after the form was found sound."""
        return self._items[cast(str, self.item.data)]

    @property
    def value(self) -> AnswerValue:
        """The answer; asked for after the form was found sound."""
        return UNANSWERED if self.is_empty.data else read_key(self.says.data, self.milestone)

    def validate_item(self, field: SelectField) -> None:
        if field.data == NO_ITEM:
            raise ValidationError("Choose the item that was keyed in wrong.")

    def validate_says(self, field: TypedKey) -> None:
        if bool(field.data) == self.is_empty.data:
            both = "Clear the answer, or the check mark under it: only one of them can be right."
            raise ValidationError(both if field.data else "Enter what the form says.")
        if field.data and self.item.data in self._items:
            try:
                read_key(field.data, self.milestone)
            except ValueError as error:
                raise ValidationError(str(error)) from error
