"""Campaign hits, merges, splits and false groups on small cases made by hand."""

from __future__ import annotations

from cautery.simulate.score_groups import compare_groups


def test_a_whole_and_pure_group_is_a_hit() -> None:
    """The campaign came out as it is."""
    true = dict.fromkeys("abcd", "T")
    grouping = compare_groups(true, dict.fromkeys("abcd", "G"))
    assert (grouping.hits, grouping.merges, grouping.splits, grouping.false_groups) == (1, 0, 0, 0)
    assert grouping.adjusted_rand_index == 1.0
    assert grouping.b_cubed.f_score == 1.0


def test_half_of_a_campaign_in_a_pure_group_is_still_a_hit() -> None:
    """Exactly half of the members suffice, less does not."""
    true = dict.fromkeys("abcd", "T")
    assert compare_groups(true, {"a": "G", "b": "G"}).hits == 1
    assert compare_groups(true, {"a": "G"}).hits == 0


def test_an_impure_group_is_no_hit() -> None:
    """Nine of ten must belong: 4 of 5 does not suffice."""
    true = dict.fromkeys("abcd", "T")
    grouping = compare_groups(true, dict.fromkeys("abcdx", "G"))
    assert grouping.hits == 0
    assert grouping.outcomes[0].best_purity == 0.8


def test_merge_split_and_false_group_are_counted() -> None:
    """Two campaigns in one group, one campaign in two groups, one group of honest people."""
    true = {"a": "S", "b": "S", "c": "T", "d": "T", "e": "U", "f": "U"}
    listed = {"a": "G", "b": "G", "c": "G", "d": "G", "e": "H", "f": "I", "x": "J", "y": "J"}
    grouping = compare_groups(true, listed)
    assert (grouping.merges, grouping.splits, grouping.false_groups) == (1, 1, 1)


def test_a_stray_account_is_no_split() -> None:
    """One account in twenty elsewhere does not count as a second part."""
    true = {f"a{number}": "T" for number in range(20)}
    listed = dict.fromkeys(true, "G") | {"a0": "H"}
    assert compare_groups(true, listed).splits == 0


def test_a_missed_campaign_has_no_best_group() -> None:
    """Nothing listed: recall falls to the lone members, and no group is named."""
    grouping = compare_groups({"a": "T", "b": "T"}, {})
    assert grouping.outcomes[0].best_group == ""
    assert grouping.b_cubed.recall == 0.5
    assert grouping.b_cubed.precision == 1.0


def test_nothing_true_and_nothing_listed_is_perfect() -> None:
    """An empty log without campaigns is not an error."""
    grouping = compare_groups({}, {})
    assert (grouping.true_groups, grouping.listed_groups) == (0, 0)
    assert grouping.b_cubed.f_score == 1.0


def test_a_group_may_bear_an_account_name() -> None:
    """A group called like a lone account is not mistaken for it."""
    grouping = compare_groups({"a": "x", "b": "x"}, {"x": "G"})
    assert grouping.b_cubed.precision == 1.0
