"""What every signal of shared infrastructure keeps to; each has a class of these tests."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import things
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.weighed import (
    assert_not_in_this_log,
    mean_bits,
    things_of,
    weigh_bare,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary

from cautery.scan.facts import Facts
from cautery.scan.sharing import NOT_SHARED
from cautery.scan.weighing import rounded

EVERYBODY = 512
GROUP = 24
"""Accounts of a group, the first ones."""


class SharingChecks:
    """Tests of one signal; a subclass names the signal, its link, its column and its weight."""

    signal: ClassVar[str]
    link: ClassVar[str]
    column: ClassVar[str]
    """Column of the log that is read, ``accounts.`` in front if it is one of the account table."""
    missing: ClassVar[str]
    """Column that the signal needs, which may be made of that one."""
    most_bits: ClassVar[float]
    hostile: ClassVar[tuple[object, ...]]
    """Values for the column; one of them at least must be read."""

    def bits(self, shown: list[str | None], facts: Facts | None = None) -> float:
        """Weigh the first accounts of everybody, of whom each shows one thing."""
        groups = bare_groups(len(shown), [range(GROUP)], {self.link: things_of(shown)})
        (bits,) = weigh_bare(self.signal, facts or bare_facts(len(shown)), groups)
        return bits

    def test_planted_group(self) -> None:
        """Accounts that share rare things by fours weigh most of what the signal can give."""
        shown = [f"own-{number // 4 if number < GROUP else number}" for number in range(EVERYBODY)]
        assert 0.75 * self.most_bits <= self.bits(list(shown)) <= self.most_bits

    def test_rarer_weighs_more(self) -> None:
        """The more strangers share the same thing, the less it weighs, down to nothing."""
        found = [
            self.bits(["x" if n < GROUP + strangers else f"own-{n}" for n in range(EVERYBODY)])
            for strangers in (0, 30, 60, 120, EVERYBODY - GROUP)
        ]
        assert found == sorted(found, reverse=True)
        assert found[0] > 0.0
        assert found[-1] == 0.0

    def test_nothing_shared(self) -> None:
        """A group in which nobody shares anything is weighed down, and so is one without things."""
        for shown in ([f"own-{n}" for n in range(EVERYBODY)], [None] * GROUP + ["x"] * 99):
            assert self.bits(list(shown)) == rounded(-NOT_SHARED * self.most_bits)

    def test_one_open_customer(self) -> None:
        """What accounts of one declared organisation share is no secret and speaks for nothing."""
        declared = ["acme" if number < GROUP else "" for number in range(EVERYBODY)]
        facts = bare_facts(EVERYBODY, columns={"org_id": declared})
        shown = ["x" if number < GROUP else f"own-{number}" for number in range(EVERYBODY)]
        assert self.bits(list(shown), facts) < 0.0 < self.bits(list(shown))

    def test_many_things_weigh_less(self) -> None:
        """An account that shows a hundred things meets somebody by chance: less than with one."""
        holders = {"x": list(range(GROUP))}
        many = holders | {f"{n}-{i}": [n] for n in range(GROUP) for i in range(99)}
        few, wide = (
            weigh_bare(
                self.signal,
                bare_facts(EVERYBODY),
                bare_groups(EVERYBODY, [range(GROUP)], {self.link: things(held)}),
            )[0]
            for held in (holders, many)
        )
        assert wide < few

    # Each signal's class runs the same examples.
    @given(st.integers(0, 2**32 - 1), st.integers(1, 60))
    @settings(max_examples=25, suppress_health_check=[HealthCheck.differing_executors])
    def test_bounded(self, seed: int, things_shown: int) -> None:
        """Whoever shares what, the weight stays between nothing shared and all of it rare."""
        generator = np.random.default_rng(seed)
        shown = [f"t{generator.integers(things_shown)}" for _account in range(80)]
        found = self.bits(list(shown))
        assert rounded(-NOT_SHARED * self.most_bits) <= found <= self.most_bits

    def test_null(self, null_weights: NullWeights) -> None:
        """Random groups of strangers share no more than chance has it: nothing speaks for them."""
        rows = null_weights[self.signal]
        assert -NOT_SHARED * self.most_bits - 0.05 <= mean_bits(rows) <= 0.1
        assert max(row.bits for row in rows) <= 0.4 * self.most_bits
        assert all(row.p_value is not None and row.p_value > 1e-3 for row in rows)

    def test_missing_column(self, log_without: LogWithout) -> None:
        """Without the column nothing is known of what is shared."""
        facts = log_without(self.column)
        assert_not_in_this_log(facts, self.signal, [self.missing])

    def test_hostile_values(self, read_log: ReadLog) -> None:
        """Whatever stands in the column, the row can be read and its bits are bounded."""
        log = with_hostile(ordinary(24), {self.column: (*self.hostile, "", None)})
        facts = read_log(log)
        row = weigh_one(facts, self.signal, facts.account_ids[:12])
        assert rounded(-NOT_SHARED * self.most_bits) <= row.bits <= self.most_bits
