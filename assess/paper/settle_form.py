"""The form on which a second entry is settled: for each item that differs, which answer holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from werkzeug.datastructures import MultiDict
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from assess.answers import Answers, AnswerValue, words
from assess.paper.comparing import Difference
from assess.paper.forms import KeyField
from core.forms import Form

SECOND, OTHER = "second", "other"


class Question:
    """The fields of one item that differs."""

    def __init__(self, form: SettleForm, difference: Difference) -> None:
        self.difference = difference
        number = difference.milestone.number
        self.choice = cast(RadioField, form[f"choose-{number}"])
        self.other = cast(KeyField, form[f"other-{number}"])

    @property
    def chosen(self) -> AnswerValue:
        """The answer that holds; asked for after the form was found sound."""
        if self.choice.data == OTHER:
            return cast(AnswerValue, self.other.data)
        return self.difference.second


class SettleForm(Form):
    """Base of the forms made by `settle_form`."""

    differences: Sequence[Difference] = ()

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)
        self.questions = tuple(Question(self, one) for one in self.differences)

    def validate(self, extra_validators: object = None) -> bool:
        """Also asks for the answer where somebody says that the second entry is wrong."""
        sound = super().validate(extra_validators)
        for question in self.questions:
            other = question.other
            if question.choice.data == OTHER and not other.errors and not other.data.answered:
                other.errors = [
                    f"Item {question.difference.milestone.number}: enter what the form says."
                ]
                sound = False
        return sound

    @property
    def chosen(self) -> Answers:
        """The answer that holds, by milestone."""
        return {one.difference.milestone.key: one.chosen for one in self.questions}

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(address of the field, words) of all that is wrong."""
        return [
            (f"#{field.id}", str(text))
            for one in self.questions
            for field in (one.choice, one.other)
            for text in field.errors
        ]


def settle_form(
    differences: Sequence[Difference], formdata: MultiDict[str, str] | None = None
) -> SettleForm:
    """The form for these differences."""
    fields: dict[str, object] = {"differences": differences}
    for one in differences:
        number = one.milestone.number
        message = f"Item {number}: choose which answer is on the form."
        fields[f"choose-{number}"] = RadioField(
            f"{number} {one.milestone.title}",
            choices=_choices(one),
            validators=[InputRequired(message)],
            validate_choice=True,
        )
        fields[f"other-{number}"] = KeyField(one.milestone)
    return cast(SettleForm, type("FormOfDifferences", (SettleForm,), fields)(formdata))


def _choices(one: Difference) -> list[SelectChoice]:
    """What the first entry says is not told: whoever has the form reads it there."""
    second = words(one.second, one.milestone.scale)
    return [
        SelectChoice(value=SECOND, label=f"Second entry: {second}"),
        SelectChoice(value=OTHER, label="Something else. The form says:"),
    ]
