"""A customer whose accounts declare it, and accounts that declare nothing in common."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import NullWeights
from tests.scan.small_logs import HOSTILE
from tests.scan.weighed import (
    assert_not_in_this_log,
    at,
    least,
    mean_bits,
    most,
    weigh_bare,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary, planted

from cautery.scan.signals.declared_organisation import CURVE

NAME = "declared_organisation"
COLUMN = "accounts.org_id"


def bits_of(declared: Sequence[str | None]) -> float:
    """Weigh a group of accounts that declare these organisations, after some strangers."""
    count = len(declared) + 5
    facts = bare_facts(count, columns={"org_id": [*declared, "a", "b", "b", "c", None]})
    (bits,) = weigh_bare(NAME, facts, bare_groups(count, [range(len(declared))]))
    return bits


def test_one_organisation() -> None:
    """Accounts that all declare one organisation hide nothing."""
    assert bits_of(["acme"] * 12) == least(CURVE)


def test_nothing_declared() -> None:
    """Accounts that declare nothing are not cleared, and hardly weighed up."""
    assert bits_of([None] * 12) == at(CURVE, 0.0) == most(CURVE)


def test_shell_companies() -> None:
    """Twelve organisations for twelve accounts clear none of them."""
    assert bits_of([f"shell-{number}" for number in range(12)]) == most(CURVE)


def test_one_insider() -> None:
    """One account of an organisation says nothing about the others, even in a group of two."""
    assert bits_of(["acme", None]) == most(CURVE)


def test_several_organisations() -> None:
    """Each organisation that two accounts or more share clears its own accounts, a single none."""
    assert bits_of(["acme"] * 6 + ["other"] * 3 + [None] * 3) == at(CURVE, 9 / 12)
    assert bits_of(["acme"] * 6 + ["single"] + [None] * 5) == at(CURVE, 6 / 12)


@given(st.lists(st.sampled_from([None, "", "acme", "b", "c"]), min_size=1, max_size=20))
def test_more_declaring_never_weighs_more(declared: list[str | None]) -> None:
    """Another account of an organisation that the group has never weighs the group up."""
    names = [name for name in declared if name]
    most_common = max(names, key=names.count, default="acme")
    assert bits_of([*declared, most_common]) <= bits_of(declared)
    assert least(CURVE) <= bits_of(declared[::-1]) == bits_of(declared) <= most(CURVE)


def test_in_a_log(read_log: ReadLog) -> None:
    """The account table and the log's own column both declare."""
    log = planted(8, account_columns=lambda number: {"org_id": "acme" if number else None})
    log += planted(4, name="logged", block=3, columns=lambda _n, _t: {"org_id": "acme"})
    facts = read_log(ordinary(9) + log)
    row = weigh_one(facts, NAME, [*named(facts, "planted"), *named(facts, "logged")])
    assert row.observed.startswith("92 %")
    assert row.bits < 0.0


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, few of whom declare anything, are hardly weighed."""
    assert 0.0 <= mean_bits(null_weights[NAME]) <= most(CURVE)


def test_missing_column(read_log: ReadLog) -> None:
    """A log in which nobody declares anything does not feed the signal."""
    for log in (ordinary(4), ordinary(4, account_columns=lambda _number: {"org_id": ""})):
        assert_not_in_this_log(read_log(log), NAME, ["organisation"])


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is an organisation of its own, an empty one is none, and none gets into the row."""
    facts = read_log(with_hostile(ordinary(20), {COLUMN: (*HOSTILE, "", None)}))
    row = weigh_one(facts, NAME, facts.account_ids)
    assert row.observed.startswith("80 %")
    assert f"{len(HOSTILE)} of these" in row.sentence
