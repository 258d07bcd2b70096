"""Forms for rating: one per block, built from the questionnaire's own milestones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from assess.answers import (
    UNANSWERED,
    AnswerState,
    AnswerValue,
    SentAnswer,
    StoredAnswer,
    clean_note,
    never_given,
    words,
)
from assess.rating.merging import Clash, note_problem
from core.forms import Form
from core.free_text import FreeTextField
from core.numbers import whole_number
from questionnaires.instrument import Block, Milestone


class LevelField(Field):
    """The answer to one milestone: a level of its scale or one of the words without a level.

    Nothing chosen reads as None, which leaves the stored answer alone: a group of radio buttons
    cannot be emptied, so silence never means "clear".
    """

    def __init__(self, milestone: Milestone, **settings: Any) -> None:
        super().__init__(milestone.title, **settings)
        self.milestone = milestone

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or valuelist[0] == "":
            return
        try:
            self.data = self._read(valuelist[0])
        except ValueError as error:
            scale = self.milestone.scale
            raise ValueError(f"Choose a level from {scale.minimum} to {scale.maximum}.") from error

    def _read(self, text: str) -> AnswerValue:
        if text.isascii() and text.isdigit() and len(text) < 4:
            value = AnswerValue.level(int(text))
        else:
            value = AnswerValue(AnswerState(text))
        allowed = value.value is None or value.value in self.milestone.scale
        excluded = value.state is AnswerState.NOT_APPLICABLE and not self.milestone.na_allowed
        if not allowed or excluded:
            raise ValueError(text)
        return value

    @property
    def summary(self) -> str:
        """What was chosen, in words."""
        return words(self.data or UNANSWERED, self.milestone.scale)


class NoteField(FreeTextField):
    """The evidence note of one milestone."""

    def process_formdata(self, valuelist: list[str]) -> None:
        # None: the form did not carry the field, so the stored note stays
        self.data = clean_note(valuelist[0]) if valuelist else None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if problem := note_problem(self.data or ""):
            raise ValidationError(problem)
        self.kept = ()  # the service, where the autosave comes along too, logs it


class RevisionField(Field):
    """The revision the page had seen; what cannot be read counts as never seen."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = whole_number(valuelist[0] if valuelist else "") or 0


class Card:
    """The fields of one milestone and the conflict found when they were saved."""

    def __init__(self, form: BlockForm, milestone: Milestone) -> None:
        self.milestone = milestone
        self.level = cast(LevelField, form["level-" + milestone.key])
        self.note = cast(NoteField, form["note-" + milestone.key])
        self.revision = cast(RevisionField, form["revision-" + milestone.key])
        self.clash: Clash | None = None

    @property
    def value(self) -> AnswerValue:
        """What the page shows as chosen."""
        chosen: AnswerValue | None = self.level.data
        return chosen or UNANSWERED

    @property
    def error(self) -> str | None:
        """What is wrong with the chosen level, or who else changed it in the meantime."""
        if self.clash:
            stored = words(self.clash.stored.value, self.milestone.scale)
            note = f", with the note “{self.clash.stored.note}”" if self.clash.stored.note else ""
            return (
                f"This answer was changed in another window to “{stored}”{note}. Yours is still "
                "below. Save again to keep yours, or choose the other one and save."
            )
        return " ".join(self.level.errors) or None

    @property
    def note_error(self) -> str | None:
        return " ".join(self.note.errors) or None

    def sent(self, stored: StoredAnswer) -> SentAnswer:
        """The answer as the form sends it; what it left out stays as stored."""
        value: AnswerValue | None = self.level.data
        return SentAnswer(
            milestone=self.milestone.key,
            value=value or stored.value,
            note=self.note.data,
            revision=self.revision.data,
            keep=self.note.mark,
        )


class BlockForm(Form):
    """Base of the forms made by `block_form`."""

    block: Block

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.cards = tuple(Card(self, milestone) for milestone in self.block.milestones)

    def sent(self, stored: Mapping[str, StoredAnswer], clear: str | None) -> list[SentAnswer]:
        """Every answer of the block; the one named by `clear` loses its level but not its note."""
        answers = [
            card.sent(stored.get(card.milestone.key) or never_given(card.milestone.key))
            for card in self.cards
        ]
        return [_cleared(answer) if answer.milestone == clear else answer for answer in answers]

    def show_clashes(self, clashes: Sequence[Clash]) -> None:
        """Put each conflict at its card; saving again then builds on what stands now."""
        found = {clash.stored.milestone: clash for clash in clashes}
        for card in self.cards:
            if clash := found.get(card.milestone.key):
                card.clash = clash
                card.revision.data = clash.stored.revision

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(address of the field, words) of all that is wrong, for the summary of the page."""
        return [
            (f"#m-{card.milestone.key}{place}", f"{card.milestone.title}: {text}")
            for card in self.cards
            for place, text in (("", card.error), ("-note", card.note_error))
            if text
        ]


def block_form(
    block: Block, stored: Mapping[str, StoredAnswer], formdata: MultiDict[str, str] | None = None
) -> BlockForm:
    """The form of one block, filled from a posted form or else from what is stored."""
    values: dict[str, object] = {}
    for milestone in block.milestones:
        answer = stored.get(milestone.key) or never_given(milestone.key)
        values["level-" + milestone.key] = answer.value if answer.value.answered else None
        values["note-" + milestone.key] = answer.note
        values["revision-" + milestone.key] = answer.revision
    return _form_class(block)(formdata, data=values)


@lru_cache(maxsize=64)
def _form_class(block: Block) -> type[BlockForm]:
    fields: dict[str, object] = {"block": block}
    for milestone in block.milestones:
        fields["level-" + milestone.key] = LevelField(milestone)
        fields["note-" + milestone.key] = NoteField()
        fields["revision-" + milestone.key] = RevisionField()
    return type("FormOfBlock", (BlockForm,), fields)


def _cleared(answer: SentAnswer) -> SentAnswer:
    return SentAnswer(answer.milestone, UNANSWERED, answer.note, answer.revision)
