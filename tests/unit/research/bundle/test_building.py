"""The content of a bundle: codes for names, five raters or silence, the numbers of the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.answers import NOT_APPLICABLE
from assess.scoring import Basis
from assess.trends.observations import Observations
from research.bundle.anonymity import WITHHELD
from research.bundle.building import build_content
from research.bundle.content import BundleContent, MilestoneReading, ValueState
from research.bundle.milestones import basis_state, basis_value, milestones_of
from research.selection import Clock, Selection
from tests.unit.research.bundle import studies


def test_clinics_go_by_their_codes_even_where_the_viewer_reads_names(
    content: BundleContent,
) -> None:
    assert content.observations["overall"].subjects == tuple(f"C{n:02d}" for n in range(1, 11))
    assert content.clinics[9].state == WITHHELD
    assert "Cedar" not in repr(content.clinics) + repr(content.observations["overall"].rows)


def test_the_numbers_are_those_of_the_page(content: BundleContent) -> None:
    page = studies.study().analysis.rm_anova
    here = content.analyses["overall"].rm_anova
    assert pytest.approx(page.F, rel=1e-12) == here.F
    assert here.p_gg == pytest.approx(page.p_gg, rel=1e-9)
    assert content.differences == ()


def test_ratings_of_fewer_than_five_are_withheld_and_one_more_of_the_block(
    content: BundleContent,
) -> None:
    first = content.assessments[0]
    block = content.instrument.block_of(content.instrument.milestones[3].key)
    states = [first.milestones[m.key].rated for m in block.milestones]
    withheld = [one for one in states if one is not None and one.state is ValueState.WITHHELD]
    # only the fourth milestone has four raters; its mean would follow from the block's score
    assert len(withheld) == 2
    assert all((one.n, one.mean, one.shares) == (None, None, ()) for one in withheld)
    shown = next(one for one in states if one is not None and one.n is not None)
    assert shown.n == 7
    assert sum(shown.shares) == pytest.approx(1)


def test_a_value_stands_on_the_basis_of_its_assessment(content: BundleContent) -> None:
    second = content.instrument.milestones[1].key
    agreed = content.assessments[0]
    assert agreed.milestones[second].agreed == NOT_APPLICABLE
    assert basis_value(agreed, second) is None
    assert basis_state(agreed, second) is ValueState.NOT_APPLICABLE
    rated = content.assessments[-1]
    assert rated.basis is Basis.RATINGS
    first = content.instrument.milestones[0].key
    mean = rated.milestones[first].rated
    assert mean is not None
    assert basis_value(rated, first) == mean.mean


def test_all_raters_saying_not_applicable_is_said_from_five_on() -> None:
    study = studies.study()
    reading = studies.readings(study)[0]
    key = study.instrument.milestones[0].key
    for count, state in ((5, ValueState.NOT_APPLICABLE), (4, ValueState.WITHHELD)):
        said = MilestoneReading(None, (0, 0, 0, 0), not_applicable=count, dont_know=0)
        found = milestones_of(study.instrument, replace(reading, milestones={key: said}), 7)
        rated = found[key].rated
        assert rated is not None
        assert rated.state is state


def test_groups_and_waves_are_those_of_the_files() -> None:
    study = studies.study(selection=Selection(group="organization", clock=Clock.WAVE))
    content = studies.content(study)
    assert {clinic.organization for clinic in content.clinics} == {"O01", "O02"}
    assert content.observations["overall"].times == (0, 1, 2, 3)
    mixed = content.analyses["overall"].mixed_anova
    assert mixed is not None
    assert (mixed.n_groups, mixed.n_subjects) == (2, 9)


def test_groups_that_would_identify_a_clinic_stand_outside() -> None:
    content = studies.content(studies.study(selection=Selection(group="state")))
    mixed = content.analyses["overall"].mixed_anova
    assert mixed is not None
    assert (mixed.n_groups, mixed.n_without_group) == (1, 4)


def test_how_two_clinics_were_chosen_is_not_told() -> None:
    study = studies.study()
    few = replace(study, clinics=study.clinics[:2], assessments=study.assessments[:8])
    few = replace(few, observations={key: Observations() for key in few.observations})
    content = studies.content(few)
    assert content.study.words.startswith("Fewer than 3 clinics")
    assert (content.study.query, content.url) == ("", None)


def test_a_choice_is_not_told_when_it_tells_what_is_withheld() -> None:
    for states, told in ((frozenset(), True), (frozenset({"ID", "WA"}), False)):
        content = studies.content(studies.study(selection=Selection(states=states)))
        assert ("withheld" in content.study.words) is not told
        assert bool(content.study.query or content.url) is told


def test_a_value_withheld_is_not_analyzed_and_the_difference_is_said() -> None:
    study = studies.study()
    readings = studies.readings(study)[1:]
    content = build_content(study, readings, title="", made_on=studies.MADE_ON, query="", words="")
    assert len(content.assessments) == len(study.assessments) - 1
    assert content.differences[0].startswith("Overall score: 1 of 39 values")
