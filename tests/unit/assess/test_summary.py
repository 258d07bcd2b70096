"""The three sentences on top of the results page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import pytest

from assess.findings import BlockResult, Results
from assess.quarters import Quarter
from assess.scoring import Basis
from assess.summary import three_sentences, what_changed, where_we_differ, where_we_stand
from tests.unit.assess.test_findings import BLOCKS, NOW, block, milestone, quarter_scores, results


def since(*blocks: BlockResult) -> Results:
    return results(*blocks, earlier=[quarter_scores(NOW - 1)])


def rated(*levels: Sequence[int], basis: Basis = Basis.RATINGS) -> Results:
    """Milestones of the first block with these levels; raters = the most that one has."""
    rows = tuple(
        replace(milestone(*given), milestone=one)
        for given, one in zip(levels, BLOCKS[1].milestones, strict=False)
    )
    found = results(basis=basis, raters=max(map(len, levels)))
    return replace(found, milestones=MappingProxyType({BLOCKS[1].id: rows}))


def titled(place: int) -> str:
    return f"“{BLOCKS[1].milestones[place].title}”"


class TestWhereWeStand:
    def test_it_names_the_basis_and_both_ends(self) -> None:
        assert where_we_stand(results(block(0, 3.0), block(1, 1.5), block(2, None))) == (
            "The mean of 5 ratings gives an overall score of 2.0; "
            f"“{BLOCKS[0].title}” stands highest (3.0), "
            f"“{BLOCKS[1].title}” has the most room to grow (1.5)."
        )

    def test_blocks_that_look_equal_are_counted(self) -> None:
        # 2.96 and 3.04 are both 3.0 on the page
        said = where_we_stand(results(block(0, 2.96), block(1, 3.04), block(2, 1), block(3, 1)))
        assert "; 2 blocks stand highest (3.0), 2 blocks have the most room to grow (1.0)." in said

    def test_equal_blocks_have_no_ends(self) -> None:
        said = where_we_stand(results(block(0, 2.0), block(1, 2.0), basis=Basis.AGREED))
        assert said == (
            "The levels your team agreed on give an overall score of 2.0; "
            "every block with a score stands at 2.0."
        )

    @pytest.mark.parametrize(
        ("basis", "raters", "start"),
        [
            (Basis.RATINGS, 1, "One rating gives an overall score of 2.0."),
            (Basis.IMPORTED, 0, "Earlier records give an overall score of 2.0."),
        ],
    )
    def test_other_sources(self, basis: Basis, raters: int, start: str) -> None:
        assert where_we_stand(results(basis=basis, raters=raters)) == start

    def test_without_a_score_it_says_why(self) -> None:
        assert three_sentences(replace(results(block(0, None)), overall=None, basis=None)) == (
            "There is no overall score yet, because too few milestones are answered.",
        )


class TestWhatChanged:
    def test_the_largest_change_wins_whether_up_or_down(self) -> None:
        found = since(block(0, 2.2, 2.0), block(1, 1.5, 2.4))
        assert what_changed(found) == (
            f"“{BLOCKS[1].title}” fell most, from 2.4 to 1.5 since last quarter."
        )

    def test_equal_changes_are_counted(self) -> None:
        # 0.31 and 0.29 are both 0.3 on the page
        found = since(block(0, 2.29, 2.0), block(1, 2.31, 2.0), block(2, 1.9, 2.0))
        assert what_changed(found) == "2 blocks rose by 0.3 since last quarter."

    def test_a_fall_counts_like_a_rise(self) -> None:
        said = what_changed(since(block(0, 2.0, 2.3), block(1, 2.3, 2.0)))
        assert said == f"“{BLOCKS[0].title}” fell most, from 2.3 to 2.0 since last quarter."

    def test_a_single_change_is_not_the_most(self) -> None:
        said = what_changed(since(block(0, 2.2, 2.0), block(1, 2.0, 2.0)))
        assert said == f"“{BLOCKS[0].title}” rose from 2.0 to 2.2 since last quarter."

    def test_changes_too_small_to_show_are_no_change(self) -> None:
        assert what_changed(since(block(0, 2.04, 2.0))) == (
            "No block score has changed since last quarter."
        )

    @pytest.mark.parametrize(
        ("earlier", "said"),
        [
            ((), "These are your first scores. Next quarter you see what changed."),
            ((NOW - 1,), "The questions changed since the quarter before"),
        ],
    )
    def test_with_nothing_to_compare_it_says_so(
        self, earlier: Sequence[Quarter], said: str
    ) -> None:
        quarters = [quarter_scores(one, comparable=False) for one in earlier]
        assert what_changed(results(block(0, 2.0), earlier=quarters)).startswith(said)


class TestWhereWeDiffer:
    def test_it_names_the_widest_spread_and_its_range(self) -> None:
        said = where_we_differ(rated([1, 1, 2, 4, 1], [1, 4, 1, 4, 1], [2, 2, 2, 2, 2]))
        assert said == f"You differ most on {titled(1)}, where ratings go from 1 to 4."

    def test_a_small_team_reads_no_range(self) -> None:
        assert where_we_differ(rated([1, 2], [2, 2])) == f"You differ most on {titled(0)}."

    def test_a_milestone_with_fewer_than_five_levels_does_not_count(self) -> None:
        said = where_we_differ(rated([1, 4, 1, 4], [2, 2, 2, 2, 3]))
        assert titled(0) not in said

    def test_equals_are_counted_not_chosen_from(self) -> None:
        said = where_we_differ(rated([1, 2, 1], [1, 1, 2], [3, 4, 4]))
        assert said == f"You differ most on {titled(0)}, {titled(1)} and 1 more."

    def test_after_the_talk_it_speaks_of_before(self) -> None:
        said = where_we_differ(rated([1, 1, 1, 1, 2], [1, 1, 1, 1, 1], basis=Basis.AGREED))
        assert said.startswith("Before you agreed, you differed most on")

    def test_ratings_that_are_alike(self) -> None:
        assert "alike on every milestone" in where_we_differ(rated([2, 2], [3, 3]))

    def test_one_rater_cannot_differ(self) -> None:
        assert where_we_differ(rated([1], [4])) == ""
