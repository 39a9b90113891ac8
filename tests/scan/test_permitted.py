"""A contract covers a customer: permitted accounts are set apart and never accused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts

from cautery.scan.candidates import FEWEST_ACCOUNTS, Candidates
from cautery.scan.groups import NO_GROUP
from cautery.scan.permitted import permitted_customers, split_permitted

NOTHING = np.zeros(0, dtype=np.int64)


def covered(uses: Sequence[str | None], payers: Sequence[str | None] | None = None) -> list[bool]:
    """Tell which accounts are of a permitted customer."""
    columns = {"permitted_use": uses} | ({} if payers is None else {"payment_fingerprint": payers})
    found = permitted_customers(bare_facts(len(uses), columns=columns))
    return [bool(one) for one in found]


def split(labels: Sequence[int], permitted: Sequence[bool]) -> Candidates:
    """Split groups of two kinds."""
    groups = Candidates(
        group_of=np.array(labels, dtype=np.int64),
        basis=("both", "infrastructure"),
        speaking=NOTHING,
    )
    return split_permitted(groups, np.array(permitted, dtype=np.bool_))


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        (["research", "research", None, "", None], [True, True, True, True, False]),
        (["research", None, None, None, None], [True, False, False, False, False]),
    ],
)
def test_a_contract_covers_its_payer(uses: list[str | None], expected: list[bool]) -> None:
    """Where most accounts of a payer are permitted, the others are; where few are, they are not."""
    assert covered(uses, ["p", "p", "p", "p", "q"]) == expected


def test_no_payer_is_no_customer() -> None:
    """Accounts without a payment have no contract in common, however many are permitted."""
    assert covered(["x", "x", "x", None], [None, "", None, None]) == [True, True, True, False]


def test_missing_columns() -> None:
    """Without the column nobody is permitted; without payments each account stands for itself."""
    assert covered(["x", None]) == [True, False]
    facts = bare_facts(3, columns={"payment_fingerprint": ["p", "p", "p"]})
    assert permitted_customers(facts).tolist() == [False] * 3
    assert permitted_customers(bare_facts(2)).tolist() == [False] * 2


def test_a_mixed_group_is_split() -> None:
    """The permitted accounts of a group get a group of their own, of the same kind."""
    found = split([0, 0, 0, 0, 0, 0, 1, 1, 1], [False, True] * 3 + [False] * 3)
    assert found.group_of.tolist() == [0, 1, 0, 1, 0, 1, 2, 2, 2]
    assert found.basis == ("both", "both", "infrastructure")


def test_what_is_left_may_be_too_small() -> None:
    """A rest of too few accounts is no group any more, on either side."""
    few = FEWEST_ACCOUNTS - 1
    found = split([0] * (few + 3), [True] * few + [False] * 3)
    assert found.group_of.tolist() == [NO_GROUP] * few + [0] * 3
    found = split([0] * (few + 3), [False] * few + [True] * 3)
    assert found.group_of.tolist() == [NO_GROUP] * few + [0] * 3


@given(st.lists(st.tuples(st.integers(NO_GROUP, 1), st.booleans()), max_size=20))
def test_groups_are_never_mixed(accounts: list[tuple[int, bool]]) -> None:
    """Afterwards a group is permitted wholly or not at all, and holds accounts of one group."""
    labels = [label for label, _permitted in accounts]
    permitted = np.array([one for _label, one in accounts], dtype=np.bool_)
    found = split(labels, permitted.tolist())
    for group in range(len(found.basis)):
        inside = np.flatnonzero(found.group_of == group)
        assert len({labels[account] for account in inside.tolist()}) == 1
        assert np.unique(permitted[inside]).size == 1
        assert inside.size >= FEWEST_ACCOUNTS


def test_groups_of_one_kind_stay_whole() -> None:
    """Where nobody or everybody is permitted, nothing is changed."""
    labels = [0, 1, 0, 1, 0, 1, NO_GROUP]
    for permitted in ([False] * 7, [True] * 7):
        assert split(labels, permitted).group_of.tolist() == labels
