"""Every way a questionnaire file can be wrong is named with its line, its field and a remedy."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import catalog
from questionnaires.catalog import Problem, QuestionnaireError, UnknownQuestionnaire
from questionnaires.commands import questionnaires_cli
from questionnaires.instrument import Scale, Status

SAMPLE = """\
format: 1
id: sample
version: "1.0.0"
title: Sample
language: en-US
summary: A sample.
license: {id: CC-BY-4.0, holder: Us, statement: Ours.}
sources: [Our own]
help: In doubt between two levels? Choose the lower.
scales:
  six:
    minimum: 1
    maximum: 6
    bands:
      - {level: 1, low: 1, high: 3, label: Low}
      - {level: 2, low: 4, high: 6, label: High}
    met: 5
    status: {under_way: 3, strong: 4.5}
scoring: {block: mean, overall: mean_of_blocks, minimum_answered: 0.5}
resources:
  guide: {title: A guide, publisher: A body, url: https://example.org/guide}
blocks:
  - id: first
    title: First
    why: It comes first.
    milestones:
      - key: one
        title: One
        meaning: The clinic has one.
        scale: six
        levels: {1: None., 2: One.}
        not_applicable: {allowed: true, reason: When none is needed.}
        evidence: Where is it?
        tips: [Get one.]
        resources: [guide]
        currency: Check again.
      - key: two
        title: Two
        meaning: The clinic has two.
        scale: six
        levels: {1: None., 2: Two.}
        not_applicable: {allowed: false}
        tips: []
        resources: []
    challenges:
      - {key: none-left, title: None left, approaches: [Make more.]}
  - id: second
    title: Second
    why: It comes second.
    milestones:
      - key: three
        title: Three
        meaning: The clinic has three.
        scale: six
        levels: {1: None., 2: Three.}
        not_applicable: {allowed: false}
        tips: []
        resources: []
    challenges: []
history:
  - from: "0.9.0"
    map:
      - {old: uno, new: [one], relation: reworded, comparable: true}
      - {new: [two], relation: added, comparable: false}
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(QuestionnaireError) as caught:
        catalog.parse(text, source="sample.yaml")
    return caught.value.problems


def test_it_reads_a_sound_file() -> None:
    instrument = catalog.parse(SAMPLE, source="sample.yaml")

    assert [m.key for m in instrument.milestones] == ["one", "two", "three"]
    assert [m.number for m in instrument.milestones] == [1, 2, 3]
    assert [b.number for b in instrument.blocks] == [1, 2]
    assert instrument.version == "1.0.0"
    assert instrument.sha256 == hashlib.sha256(SAMPLE.encode()).hexdigest()
    assert instrument.document == SAMPLE
    one = instrument.milestone("one")
    assert (one.na_allowed, one.na_reason) == (True, "When none is needed.")
    assert one.levels == {1: "None.", 2: "One."}
    assert one.resources[0].publisher == "A body"
    assert instrument.block_of("three") is instrument.block("second")
    assert instrument.history[0].changes[1].old is None
    assert instrument == catalog.parse(SAMPLE, source="elsewhere.yaml")
    assert len({instrument, catalog.parse(SAMPLE, source="elsewhere.yaml")}) == 1


def test_it_cannot_be_changed_after_reading() -> None:
    instrument = catalog.parse(SAMPLE, source="sample.yaml")

    with pytest.raises(FrozenInstanceError):
        instrument.title = "Other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        instrument.milestone("one").levels[1] = "Other"  # type: ignore[index]
    with pytest.raises(KeyError):
        instrument.milestone("none")
    with pytest.raises(KeyError):
        instrument.block("none")


# (what is replaced, by what, line, field, a word of the message)
REJECTIONS = {
    "duplicate key": ("title: Sample\n", "title: A\ntitle: B\n", 5, "title", "given twice"),
    "anchor": ("[Our own]", "&a [Our own]", 8, "sources", "anchor &a"),
    "alias": ("A sample.", "*a", 6, "summary", "alias *a"),
    "merge key": (
        "    met: 5\n",
        "    met: 5\n    <<: {met: 5}\n",
        18,
        "scales.six.<<",
        "merge keys",
    ),
    "tag": ("A sample.", "!!python/name:os.system x", 6, "summary", "tag"),
    "broken YAML": ("[Our own]", "[Our own", 9, "(whole file)", "not valid YAML"),
    "second document": ("history:", "---\nhistory:", 60, "(whole file)", "second document"),
    "unknown field": ("help:", "hint: x\nhelp:", 9, "hint", "unknown field"),
    "unknown field inside": ("met: 5", "met: 5\n    meet: 5", 18, "scales.six.meet", "unknown"),
    "missing field": (
        "help: In doubt between two levels? Choose the lower.\n",
        "",
        1,
        "help",
        "is",
    ),
    "missing field inside": (
        "        meaning: The clinic has two.\n",
        "",
        37,
        "blocks[0].milestones[1].meaning",
        "is missing; add it",
    ),
    "number for text": ("title: Sample", "title: 12", 4, "title", "must be text"),
    "unquoted version": ('"1.0.0"', "1.0", 3, "version", "must be text"),
    "odd version": ('"1.0.0"', '"1.0"', 3, "version", "three numbers"),
    "text for number": ("met: 5", "met: five", 17, "scales.six.met", "a whole number"),
    "fraction for level": ("low: 4,", "low: 4.5,", 16, "scales.six.bands[1].low", "a whole"),
    "text for truth": (
        "{allowed: true, reason",
        "{allowed: Yes, reason",
        32,
        "blocks[0].milestones[0].not_applicable.allowed",
        "true or false",
    ),
    "null": ("A sample.", "", 6, "summary", "not nothing"),
    "blank text": ("A sample.", "'  '", 6, "summary", "write some text"),
    "other format": ("format: 1", "format: 2", 1, "format", "must be 1"),
    "unknown rule": ("block: mean,", "block: mode,", 19, "scoring.block", "mean or median or sum"),
    "no share": (
        "minimum_answered: 0.5",
        "minimum_answered: 0",
        19,
        "scoring.minimum_answered",
        "more",
    ),
    "unsafe address": ("https://ex", "javascript://ex", 21, "resources.guide.url", "https://"),
    "badly made key": ("- key: three", "- key: T_3", 51, "blocks[1].milestones[0].key", "hyphens"),
    "badly named scale": ("  six:", "  Six:", 11, "scales.Six", "small letters"),
    "band gap": ("low: 4,", "low: 5,", 16, "scales.six.bands[1].low", "leaves a gap"),
    "band overlap": ("low: 4,", "low: 3,", 16, "scales.six.bands[1].low", "overlaps"),
    "late first band": ("low: 1,", "low: 2,", 15, "scales.six.bands[0].low", "start at 1"),
    "short last band": ("high: 6,", "high: 5,", 16, "scales.six.bands[1].high", "maximum, 6"),
    "reversed band": ("high: 3,", "high: 0,", 15, "scales.six.bands[0].high", "ends before"),
    "equal levels": ("level: 2,", "level: 1,", 16, "scales.six.bands[1].level", "must rise"),
    "met out of range": ("met: 5", "met: 7", 17, "scales.six.met", "at most 6"),
    "status falls": ("under_way: 3", "under_way: 5", 18, "scales.six.status", "must rise"),
    "missing level": (
        "{1: None., 2: Two.}",
        "{1: None.}",
        41,
        "blocks[0].milestones[1].levels.2",
        "describe this level",
    ),
    "extra level": (
        "{1: None., 2: Two.}",
        "{1: None., 2: Two., 3: x}",
        41,
        "blocks[0].milestones[1].levels.3",
        "is no level; use 1, 2",
    ),
    "unknown scale": (
        "has three.\n        scale: six",
        "has three.\n        scale: ten",
        54,
        "blocks[1].milestones[0].scale",
        "there is no scale 'ten'; use six",
    ),
    "same milestone twice": ("- key: three", "- key: one", 51, "blocks[1].milestones[0].key", "27"),
    "same block twice": ("- id: second", "- id: first", 47, "blocks[1].id", "in line 23"),
    "reserved block": ("- id: second", "- id: overall", 47, "blocks[1].id", "reserved"),
    "a page's name": ("- id: second", "- id: check", 47, "blocks[1].id", "'check' is reserved"),
    "unknown resource": (
        "[guide]",
        "[manual]",
        35,
        "blocks[0].milestones[0].resources[0]",
        "not under `resources`",
    ),
    "no reason": (
        "{allowed: true, reason: When none is needed.}",
        "{allowed: true}",
        32,
        "blocks[0].milestones[0].not_applicable.reason",
        "say when",
    ),
    "same challenge twice": (
        "    challenges: []",
        "    challenges: [{key: none-left, title: T, approaches: [A]}]",
        59,
        "blocks[1].challenges[0].key",
        "in line 46",
    ),
    "later origin": ('"0.9.0"', '"1.0.0"', 61, "history[0].from", "earlier"),
    "unknown successor": ("[one], rel", "[onne], rel", 63, "history[0].map[0].new[0]", "no mile"),
    "added with old": (
        "{new: [two]",
        "{old: x, new: [two]",
        64,
        "history[0].map[1].relation",
        "ad",
    ),
    "dropped with new": (
        "relation: reworded",
        "relation: dropped",
        63,
        "history[0].map[0].relation",
        "has no `new`",
    ),
    "split in one": ("reworded", "split", 63, "history[0].map[0].relation", "two or more"),
}


@pytest.mark.parametrize("case", REJECTIONS, ids=str)
def test_it_names_line_and_field(case: str) -> None:
    old, new, line, field, word = REJECTIONS[case]
    assert SAMPLE.count(old) >= 1

    problems = problems_of(SAMPLE.replace(old, new, 1))

    assert [(p.source, p.line, p.field) for p in problems] == [("sample.yaml", line, field)]
    assert word in problems[0].message


def test_it_rejects_two_scales_in_a_block_and_two_ranges() -> None:
    other = SAMPLE[SAMPLE.index("  six:") : SAMPLE.index("scoring:")].replace("six:", "five:")
    other = other.replace("maximum: 6", "maximum: 5").replace("high: 6", "high: 5")
    text = SAMPLE.replace("scoring:", other + "scoring:").replace("scale: six", "scale: five", 1)

    assert [(p.line, p.field) for p in problems_of(text)] == [
        (19, "scales.five"),
        (34, "blocks[0].milestones"),
    ]


def test_it_collects_all_problems_by_line() -> None:
    text = SAMPLE.replace("title: Sample", "title: 12").replace("- id: second", "- id: overall")
    text = text.replace("help:", "hint: x\nhelp:").replace("met: 5", "met: 7")

    assert [p.field for p in problems_of(text)] == [
        "title",
        "hint",
        "scales.six.met",
        "blocks[1].id",
    ]
    assert str(problems_of(text)[0]).startswith("sample.yaml:4: title: must be text")


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "- a\n- b\n", "just text\n", "{}", "[]"]
)
def test_it_rejects_what_is_no_questionnaire(text: str) -> None:
    assert problems_of(text)


def test_it_survives_hostile_files() -> None:
    assert "nested more than" in problems_of("a: " + "[" * 5000)[0].message
    assert "at most 524288" in problems_of("a: " + "x" * 600_000)[0].message
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*a, *a, *a]\n" for c in "bcdefgh")
    assert any("alias" in p.message for p in problems_of(bomb))


def test_it_keeps_lookalikes_as_text() -> None:
    text = SAMPLE.replace("None., 2: Two.", "No, 2: 12:30").replace("Get one.", "2021-05-03")
    instrument = catalog.parse(text, source="sample.yaml")

    assert instrument.milestone("two").levels == {1: "No", 2: "12:30"}
    assert instrument.milestone("one").tips == ("2021-05-03",)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_it_never_fails_in_any_other_way(data: st.DataObject) -> None:
    """Cut a piece out of the file or put noise into it: accepted or refused with problems."""
    start = data.draw(st.integers(0, len(SAMPLE)))
    end = data.draw(st.integers(start, min(len(SAMPLE), start + 60)))
    noise = data.draw(st.text(alphabet="ab1:-{}[]&*!|>'\"#,\n \t?%@`~\x00é", max_size=12))
    with contextlib.suppress(QuestionnaireError):
        catalog.parse(SAMPLE[:start] + noise + SAMPLE[end:], source="s")
        return
    problems = problems_of(SAMPLE[:start] + noise + SAMPLE[end:])
    assert all(p.line >= 1 and p.field and p.message for p in problems)


@pytest.mark.parametrize("junk", ["5", "[5]", "text", "{a: 5}", "[{a: 5}]", "null", "[]"])
@pytest.mark.parametrize("field", ["scales", "scoring", "resources", "blocks", "history"])
def test_it_survives_a_part_of_the_wrong_type(field: str, junk: str) -> None:
    other = "history" if field != "history" else "resources"
    head = SAMPLE[: SAMPLE.index(f"\n{field}:") + 1]
    text = f"{head}{field}: {junk}\n{other}: 7\n"
    assert any(p.field.startswith(other) for p in problems_of(text))


@given(st.floats(1, 6), st.floats(1, 6))
def test_it_bands_rise_with_the_value(low: float, high: float) -> None:
    scale = _scale()
    low, high = sorted((low, high))
    assert scale.band_of(low).level <= scale.band_of(high).level
    order = list(Status)
    assert order.index(scale.status(low)) <= order.index(scale.status(high))


def test_it_places_values_in_bands() -> None:
    scale = _scale()
    assert [scale.band_of(v).level for v in (1, 3, 3.01, 6)] == [1, 1, 2, 2]
    assert [scale.label(v) for v in (3, 4)] == ["Low", "High"]
    assert [scale.status(s) for s in (2.99, 3, 4.49, 4.5)] == [
        Status.NEEDS_WORK,
        Status.UNDER_WAY,
        Status.UNDER_WAY,
        Status.STRONG,
    ]
    assert list(scale.values()) == [1, 2, 3, 4, 5, 6]
    assert 6 in scale
    assert 7 not in scale
    assert 1.0 not in scale
    assert True not in scale
    for outside in (0.99, 6.01):
        with pytest.raises(ValueError, match="outside 1 to 6"):
            scale.band_of(outside)


_PARSED = catalog.parse(SAMPLE, source="sample.yaml")


def _scale() -> Scale:
    return _PARSED.scales["six"]


def write(folder: Path, text: str, *, slug: str = "sample", version: str = "1.0.0") -> Path:
    path = folder / slug / f"{version}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_it_wants_folder_and_file_named_after_the_content(tmp_path: Path) -> None:
    assert catalog.load(write(tmp_path, SAMPLE)).slug == "sample"
    with pytest.raises(QuestionnaireError) as caught:
        catalog.load(write(tmp_path, SAMPLE, slug="other", version="2.0.0"))
    assert [(p.source, p.line, p.field) for p in caught.value.problems] == [
        ("other/2.0.0.yaml", 2, "id"),
        ("other/2.0.0.yaml", 3, "version"),
    ]


def test_it_rejects_files_that_are_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path, SAMPLE)
    path.write_bytes(SAMPLE.replace("A sample", "A caf\u00e9").encode("latin-1"))
    with pytest.raises(QuestionnaireError) as caught:
        catalog.load(path)
    assert [(p.line, p.field) for p in caught.value.problems] == [(6, "(whole file)")]


def test_it_hashes_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(SAMPLE.replace("\n", "\r\n").encode())
    assert catalog.load(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_it_gets_the_newest_version_by_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        write(tmp_path, SAMPLE.replace('"1.0.0"', f'"{version}"'), version=version)

    assert [version for _, version, _ in catalog.published()] == ["1.0.0", "1.9.0", "1.10.0"]
    assert catalog.get("sample").version == "1.10.0"
    assert catalog.get("sample", "1.9.0").version == "1.9.0"
    assert catalog.get("sample") is catalog.get("sample", "1.10.0")


@pytest.mark.parametrize(
    ("slug", "version"),
    [
        ("none", None),
        ("none", "1.0.0"),
        ("sample", "9.9.9"),
        ("../sample", "1.0.0"),
        ("sample", "../x"),
    ],
)
def test_it_names_unknown_questionnaires(
    slug: str, version: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    write(tmp_path, SAMPLE)
    with pytest.raises(UnknownQuestionnaire, match="There is no questionnaire"):
        catalog.get(slug, version)


def test_it_checks_a_file_on_the_command_line(tmp_path: Path) -> None:
    good = write(tmp_path, SAMPLE)
    result = CliRunner().invoke(questionnaires_cli, ["check", str(good)])
    assert result.exit_code == 0
    assert "sample 1.0.0: all checks passed" in result.stdout
    assert "2 blocks, 3 milestones" in result.stdout
    assert hashlib.sha256(SAMPLE.encode()).hexdigest() in result.stdout

    bad = write(tmp_path, SAMPLE.replace("title: Sample", "title: 12").replace("met: 5", "met: 7"))
    result = CliRunner().invoke(questionnaires_cli, ["check", str(bad)])
    assert result.exit_code == 1
    assert "1.0.0.yaml:4: title:" in result.stderr
    assert "1.0.0.yaml:17: scales.six.met:" in result.stderr
    assert "2 problems to mend" in result.stderr

    result = CliRunner().invoke(questionnaires_cli, ["check", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1
    assert "cannot be opened" in result.stderr
