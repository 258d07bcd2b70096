"""The choices that the form of the trends page offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from questionnaires.instrument import Instrument
from research.measures import choices
from research.queries.program import QuestionnaireUse
from research.selection import ATTRIBUTES, Clock, Grain, Method, Source
from research.study import StudiedClinic, time_label
from research.studying import Found
from research.words import ATTRIBUTE_WORDS, SOURCE_WORDS


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Choices under a heading; one without a label stands by itself."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: a list to choose one from, or (`many`) boxes to tick."""

    name: str
    label: str
    groups: tuple[OptionGroup, ...]
    hint: str = ""
    many: bool = False

    @property
    def options(self) -> Iterator[Option]:
        """All choices, whatever their heading."""
        return (option for group in self.groups for option in group.options)


@dataclass(frozen=True, slots=True)
class Choices:
    """The fields of the form: what is followed and when, how it is tested, which clinics."""

    what: tuple[Field, ...]
    how: tuple[Field, ...]
    clinics: tuple[Field, ...]


def choices_of(found: Found) -> Choices:
    """Only what there is to choose: no list with one entry. Simple views have the first fields."""
    selection = found.selection
    what = [
        _questionnaires(found.uses, found.instrument),
        _scores(found.instrument, selection.score, simple=selection.simple),
        *_ends(found),
    ]
    how = [] if selection.simple else _how(found)
    clinics = [
        _values(found, name) for name in (("organization",) if selection.simple else ATTRIBUTES)
    ]
    return Choices(_real(what), _real(how), _real(clinics))


def _real(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Fields with a choice; boxes need one box, as ticking it leaves the others out."""
    return tuple(field for field in fields if len(list(field.options)) > (0 if field.many else 1))


def _field(name: str, label: str, options: Iterable[Option], hint: str = "") -> Field:
    return Field(name, label, (OptionGroup("", tuple(options)),), hint)


def _questionnaires(uses: Sequence[QuestionnaireUse], chosen: Instrument | None) -> Field:
    newest: dict[str, int] = {}
    for use in uses:
        newest[use.slug] = max(use.version_id, newest.get(use.slug, 0))
    if len(newest) < 2:
        newest = {}  # nothing to choose, so no statement to read titles with
    return _field(
        "questionnaire",
        "Questionnaire",
        (
            Option(slug, get_instrument(key).title, chosen is not None and slug == chosen.slug)
            for slug, key in newest.items()
        ),
    )


def _scores(instrument: Instrument | None, chosen: str, *, simple: bool) -> Field:
    if instrument is None:
        return _field("score", "Score", ())
    general = tuple(Option(key, title, key == chosen) for key, title in choices(instrument))
    groups = [OptionGroup("", general)]
    if not simple:
        groups += [
            OptionGroup(
                f"Milestones: {block.title}",
                tuple(Option(m.key, m.title, m.key == chosen) for m in block.milestones),
            )
            for block in instrument.blocks
        ]
    return Field("score", "Score", tuple(groups))


def _ends(found: Found) -> tuple[Field, Field]:
    times = found.study.times if found.study else ()
    what = "quarter" if found.selection.clock is Clock.QUARTER else "quarter since the baseline"
    return (
        _field("from", f"First {what}", _times(found.times, times[:1])),
        _field("to", f"Last {what}", _times(found.times, times[-1:])),
    )


def _times(times: Sequence[Quarter | int], chosen: Sequence[Quarter | int]) -> Iterator[Option]:
    return (Option(str(time), time_label(time), time in chosen) for time in times)


def _how(found: Found) -> list[Field]:
    selection = found.selection
    groups = {"": "Do not compare groups"} | {
        name: f"By {ATTRIBUTE_WORDS[name]}"
        for name in ATTRIBUTES
        if len(_known(found.clinics, name)) > 1
    }
    grains = {Grain.BLOCKS: "Blocks", Grain.MILESTONES: "Milestones"}
    clocks = {Clock.QUARTER: "Calendar quarters", Clock.WAVE: "Quarters since the baseline"}
    methods = {
        Method.COMPLETE: "Clinics with every quarter (ANOVA)",
        Method.MIXED: "All assessments (mixed model)",
    }
    sources = {key: words[0].upper() + words[1:] for key, words in SOURCE_WORDS.items()}
    return [
        _field("grain", "Table of", _pick(grains, selection.grain)),
        _field("clock", "Time", _pick(clocks, selection.clock)),
        _field("source", "Basis", _pick(sources, selection.source)),
        _field("method", "Method", _pick(methods, selection.method)),
        _field("group", "Groups of clinics", _pick(groups, selection.group or "")),
    ]


def _pick(
    labels: dict[str, str]
    | dict[Grain, str]
    | dict[Clock, str]
    | dict[Source, str]
    | dict[Method, str],
    chosen: str,
) -> Iterator[Option]:
    return (Option(str(value), label, value == chosen) for value, label in labels.items())


def _values(found: Found, name: str) -> Field:
    """Boxes for the values of an attribute, when clinics differ in it."""
    known = _known(found.clinics, name)
    ticked = {
        "organization": {str(key) for key in found.selection.organizations},
        "setting": found.selection.settings,
        "state": found.selection.states,
        "ehr": found.selection.ehrs,
    }[name]
    ordered = sorted(known.items(), key=lambda item: (item[1], item[0]))
    options = tuple(Option(value, label, value in ticked) for value, label in ordered)
    label = ATTRIBUTE_WORDS[name][0].upper() + ATTRIBUTE_WORDS[name][1:]
    hint = "Choose none to see all."
    return Field(
        name, label, (OptionGroup("", options if len(options) > 1 else ()),), hint, many=True
    )


def _known(clinics: Sequence[StudiedClinic], name: str) -> dict[str, str]:
    """Values of an attribute as the viewer may see them, with the words for them."""
    return {
        value: clinic.organization if name == "organization" else value
        for clinic in clinics
        if (value := clinic.attributes.get(name))
    }
