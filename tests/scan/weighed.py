"""What the tests of signals ask: the weights of named groups, and facts without an engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from tests.scan.arrays import bare_groups
from tests.scan.grouping import things
from tests.scan.small_logs import Row, SmallLog

from cautery.records.evidence import Weight
from cautery.registry import LINKS, SIGNALS
from cautery.scan.candidates import Candidates
from cautery.scan.evidence import judge
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis, Groups
from cautery.scan.harvest import make_groups
from cautery.scan.incidences import Incidences
from cautery.scan.weighing import Curve, on_curve, rounded

HOSTILE_NUMBERS = (0, -1, 2**31 - 1, -(2**31), 2**63, 1e308, "NaN", "", None)
"""Values that a client may put where a number belongs."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that no sentence for people may hold."""


class LinksOnDemand(dict[str, Incidences]):
    """Pairs of every link of a log, made when a signal first asks for them."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, name: str) -> Incidences:
        pairs: Incidences = LINKS.load(name).incidences(self._facts)
        self[name] = pairs
        return pairs

    def get(self, name: str, default: Any = None) -> Any:
        """Pairs of a link, the default if the log cannot feed it."""
        return default if self._facts.missing(LINKS.load(name).needs) else self[name]


def groups_on_demand(facts: Facts, *members: Sequence[str]) -> Groups:
    """Make groups of named accounts as the scan does, with each link only when it is asked for."""
    group_of = np.full(facts.account_count, NO_GROUP, dtype=np.int64)
    for group, names in enumerate(members):
        group_of[[facts.account_ids.index(name) for name in names]] = group
    basis: tuple[Basis, ...] = tuple("both" for _group in members)
    candidates = Candidates(group_of=group_of, basis=basis, speaking=np.zeros(0, dtype=np.int64))
    return make_groups(facts, candidates, LinksOnDemand(facts))


def weigh(facts: Facts, name: str, *members: Sequence[str]) -> list[Weight]:
    """Weigh groups of named accounts by a signal that the log must be able to feed."""
    signal = SIGNALS.load(name)
    assert facts.missing(signal.needs) == ()
    return list(signal.measure(facts, groups_on_demand(facts, *members)))


def weigh_one(facts: Facts, name: str, members: Sequence[str]) -> Weight:
    """Weigh one group of named accounts, and check that its row can be read."""
    (row,) = weigh(facts, name, members)
    assert_readable(row)
    return row


def weigh_bare(name: str, facts: Facts, groups: Groups) -> list[float]:
    """Weigh groups without an engine: their bits, after a look at what the rows say."""
    rows = SIGNALS.load(name).measure(facts, groups)
    for row in rows:
        assert_readable(row)
    return [row.bits for row in rows]


def assert_readable(row: Weight) -> None:
    """Check that a row says what was seen and what is usual, in printable words."""
    assert row.available
    assert np.isfinite(row.bits)
    for text in (row.observed, row.usual, row.sentence):
        assert text
        assert len(text) < 300
        assert CONTROL.search(text) is None
        assert "nan" not in text
    assert row.sentence[0].isupper() or row.sentence[0].isdigit()
    assert row.sentence.endswith(".")
    assert row.sample_size is not None
    assert row.p_value is None or 0.0 <= row.p_value <= 1.0


def assert_not_in_this_log(facts: Facts, name: str, lacking: Iterable[str]) -> None:
    """Check that the log lacks these columns, so that the signal weighs nothing and says so."""
    signal = SIGNALS.load(name)
    assert facts.missing(signal.needs) == tuple(lacking)
    everybody = bare_groups(facts.account_count, [range(facts.account_count)])
    (verdict,) = judge(facts, everybody, [signal])
    (row,) = [weight for weight in verdict.weights if weight.signal == name]
    assert (row.bits, row.available, row.observed) == (0.0, False, "")
    assert (row.aspect, row.family, row.label) == (signal.aspect, signal.family, signal.label)


def mean_bits(rows: Sequence[Weight]) -> float:
    """Average the bits of many groups."""
    return float(np.mean([row.bits for row in rows]))


def at(curve: Curve, value: float) -> float:
    """Read a curve at one value, rounded as a waterfall prints it."""
    return rounded(float(on_curve(curve, np.array([value]))[0]))


def most(curve: Curve) -> float:
    """Find the largest bits of a curve."""
    return max(bits for _place, bits in curve)


def least(curve: Curve) -> float:
    """Find the smallest bits of a curve."""
    return min(bits for _place, bits in curve)


def with_totals(facts: Facts, **totals: Sequence[int]) -> Facts:
    """Replace totals of facts without an engine, one value an account."""
    replaced = {name: np.array(values, dtype=np.int64) for name, values in totals.items()}
    return replace(facts, totals=facts.totals | replaced)


def with_times(facts: Facts, **columns: Sequence[int | None]) -> Facts:
    """Add columns of times, in microseconds since 1970, to the account table of such facts."""
    added = {name: pa.array(list(times), pa.int64()) for name, times in columns.items()}
    present = facts.present | {f"accounts.{name}" for name in added}
    return replace(facts, account_columns=facts.account_columns | added, present=present)


def things_of(shown: Sequence[str | None]) -> Incidences:
    """Make the pairs of a link of which each account shows one thing, None for none."""
    holders: dict[str, list[int]] = {}
    for account, thing in enumerate(shown):
        if thing is not None:
            holders.setdefault(thing, []).append(account)
    return things(holders)


def with_hostile(log: SmallLog, values: Mapping[str, Sequence[Any]]) -> SmallLog:
    """Replace columns of a log by hostile values in turn, ``accounts.`` in front for accounts."""

    def replaced(place: int, row: Row, prefix: str) -> Row:
        turned = {
            name.removeprefix(prefix): hostile[place % len(hostile)]
            for name, hostile in values.items()
            if name.startswith("accounts.") == bool(prefix)
        }
        return row | turned

    return SmallLog(
        exchanges=tuple(replaced(place, row, "") for place, row in enumerate(log.exchanges)),
        accounts=tuple(replaced(place, row, "accounts.") for place, row in enumerate(log.accounts)),
        releases=log.releases,
    )
