"""From stored scores to a study: times by calendar and wave, groups, versions, what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assess.quarters import Quarter
from assess.scoring import Basis
from assess.trends.observations import Observations
from questionnaires import catalog
from questionnaires.instrument import Instrument
from research.assembling import assemble
from research.scores import ScoreTable
from research.selection import Clock, Grain, Method, Selection
from research.study import StudiedClinic, Study

START = Quarter(2025, 1)
FIRST = catalog.get("six_building_blocks")
BLOCK = FIRST.blocks[0]
SECOND = replace(FIRST, version="2.0.0")


def clinic(number: int, **facts: object) -> StudiedClinic:
    known: dict[str, object] = {
        "id": number, "code": f"C{number}", "label": f"Clinic {number}", "organization_id": 1,
        "organization_code": "O01", "organization": "North", "state": None, "setting": None,
        "ehr": None, "clinician_fte": None, "baseline": None, "is_demo": False, "is_named": True,
    }  # fmt: skip
    made = StudiedClinic(**{**known, **facts})  # type: ignore[arg-type]
    return replace(made, attributes=made.own_attributes)


def table(*present: str, versions: str = "") -> ScoreTable:
    """One clinic per text; an x is a score in that quarter. `versions`: stored id per quarter."""
    cells = [
        (number, place)
        for number, text in enumerate(present)
        for place, mark in enumerate(text)
        if mark == "x"
    ]
    scores = np.array([1 + number / 10 + place / 4 for number, place in cells])
    places = np.array([place for _, place in cells], dtype=np.int64)
    version = np.array([int(versions[place]) if versions else 1 for _, place in cells])
    zeros = np.zeros(len(cells), dtype=np.int64)
    return ScoreTable(
        assessment_ids=np.arange(len(cells)),
        clinic_ids=np.array([number for number, _ in cells], dtype=np.int64),
        version_ids=version,
        quarters=places,
        quarter_names=tuple(START + place for place in range(8)),
        bases=zeros,
        basis_names=(Basis.AGREED,),
        raters=zeros,
        withheld=zeros.astype(bool),
        values={"overall": scores, BLOCK.id: scores + 1, BLOCK.milestones[0].key: scores},
    )


def study(
    selection: Selection,
    scores: ScoreTable,
    clinics: list[StudiedClinic] | None = None,
    versions: dict[int, Instrument] | None = None,
) -> Study:
    known = clinics or [clinic(number) for number in range(4)]
    found = assemble(selection, versions or {1: FIRST}, known, scores)
    assert found.study is not None
    return found.study


def rows(found: Observations) -> dict[str, list[float | None]]:
    return {
        name: [None if value != value else round(value, 2) for value in values]
        for name, values in zip(found.subjects, found.matrix.tolist(), strict=True)
    }


def test_scores_stand_where_clinic_and_quarter_meet() -> None:
    found = study(Selection(first=START, last=START + 1), table("xx", ".x"))
    assert found.times == (START, START + 1)
    assert rows(found.observations["overall"]) == {
        "Clinic 0": [1.0, 1.25],
        "Clinic 1": [None, 1.35],
    }
    assert rows(found.observations[BLOCK.id])["Clinic 0"] == [2.0, 2.25]
    assert found.observations[FIRST.blocks[1].id].subjects == ()
    assert found.bases == {Basis.AGREED: 3}
    assert [one.wave for one in found.assessments] == [0, 1, 0]


def test_a_mixed_model_keeps_the_quarters_that_complete_cases_would_lose() -> None:
    scores = table("xxx", "xx.", "xx.")
    assert len(study(Selection(), scores).times) == 2
    assert len(study(Selection(method=Method.MIXED), scores).times) == 3


def test_waves_count_from_the_baseline_or_the_first_score() -> None:
    clinics = [clinic(0, baseline=START + 1), clinic(1)]
    found = study(Selection(clock=Clock.WAVE), table("xxx.", ".xxx"), clinics)
    assert found.times == (0, 1)
    assert rows(found.observations["overall"]) == {
        "Clinic 0": [1.25, 1.5],
        "Clinic 1": [1.35, 1.6],
    }
    assert found.observations["overall"].times == (0, 1)


def test_groups_are_named_as_people_read_them_and_withheld_ones_have_none() -> None:
    clinics = [clinic(0, setting="rural"), clinic(1, setting="urban"), clinic(2)]
    scores = table("xx", "xx", "xx")
    found = study(Selection(group="setting"), scores, clinics).observations["overall"]
    assert found.groups == {"Clinic 0": {"rural"}, "Clinic 1": {"urban"}}
    found = study(Selection(group="organization"), scores, clinics).observations["overall"]
    assert set.union(*map(set, found.groups.values())) == {"North"}


def test_milestones_of_a_block_can_be_followed() -> None:
    key = BLOCK.milestones[0].key
    found = study(Selection(score=BLOCK.id, grain=Grain.MILESTONES), table("xx", "xx"))
    assert [one.key for one in found.measures] == [BLOCK.id, *(m.key for m in BLOCK.milestones)]
    assert rows(found.observations[key])["Clinic 1"] == [1.1, 1.35]
    assert study(Selection(score=key), table("xx", "xx")).measure.key == key


def test_scores_of_an_incomparable_version_are_left_out_and_counted() -> None:
    found = study(Selection(), table("xxx", "xxx", versions="122"), None, {1: FIRST, 2: SECOND})
    assert found.instrument.version == "2.0.0"
    assert found.times == (START + 1, START + 2)
    (only,) = found.breaks
    assert (only.version, only.time, only.assessments, only.left_out) == (
        "1.0.0", START + 1, 2, 2,
    )  # fmt: skip


def test_a_reworded_version_is_compared_and_said() -> None:
    reworded = replace(FIRST, version="1.1.0")
    found = study(Selection(), table("xx", "xx", versions="12"), None, {1: FIRST, 2: reworded})
    assert found.times == (START, START + 1)
    assert [(one.time, one.left_out) for one in found.breaks] == [(START + 1, 0)]
    typo = replace(FIRST, version="1.0.1")
    assert not study(Selection(), table("xx", versions="12"), None, {1: FIRST, 2: typo}).breaks


@pytest.mark.parametrize(
    ("first", "last", "times", "problem"),
    [
        (START + 2, START, 3, "The first quarter is after the last. Choose an earlier one."),
        (START + 9, START + 10, 3, "No clinic has a score in those quarters. Choose other ones."),
        (START + 1, None, 2, None),
        (None, START + 1, 2, None),
    ],
)
def test_ends_are_kept_or_named(
    first: Quarter | None, last: Quarter | None, times: int, problem: str | None
) -> None:
    selection = Selection(first=first, last=last)
    found = assemble(selection, {1: FIRST}, [clinic(0), clinic(1)], table("xxx", "xxx"))
    assert found.study
    assert len(found.study.times) == times
    assert found.problems == ((problem,) if problem else ())


def test_analyses_are_made_once_for_equal_numbers() -> None:
    one, other = (study(Selection(), table("xxx", "xxx", "xxx")) for _ in range(2))
    assert one.analysis is other.analysis
    assert one.analysis is one.analyses["overall"]
    assert one.analysis is not one.analyses[BLOCK.id]


def test_without_scores_there_is_no_study() -> None:
    assert assemble(Selection(), {1: FIRST}, [clinic(0)], table("...")).study is None
