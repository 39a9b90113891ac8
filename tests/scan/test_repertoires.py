"""A repertoire joins accounts that live on the same templates in the same proportions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from tests.scan.arrays import Use, hashes

from cautery.scan.repertoires import FEWEST_HOLDERS, LIVES_ON, MOST_SHARE, repertoires

COUNT = 400
EXCHANGES = 100
POOL = range(40)


def mixed(accounts: Iterable[int], mixture: dict[int, int]) -> list[Use]:
    """Have every account repeat each template in so many of its exchanges."""
    return [(account, token, often) for account in accounts for token, often in mixture.items()]


def communities(uses: Sequence[Use], free: np.ndarray | None = None) -> list[list[int]]:
    """Find repertoires: the accounts of each, in order."""
    found = repertoires(
        hashes(uses),
        np.full(COUNT, EXCHANGES, dtype=np.int64),
        np.ones(COUNT, dtype=np.bool_) if free is None else free,
        seed=1,
    ).of_account
    return [np.flatnonzero(found == one).tolist() for one in np.unique(found[found >= 0])]


def test_a_pool_with_cover_is_one_repertoire() -> None:
    """Accounts that give half of their exchanges to six templates are joined by these."""
    assert communities(mixed(POOL, {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8})) == [list(POOL)]


def test_who_shares_one_template_of_many_is_left_out() -> None:
    """An account with one published prompt in common, among others of its own, is no member."""
    pool = mixed(POOL, {1: 30, 2: 30, 3: 30})
    others = mixed(range(100, 110), {3: 6, 4: 40, 5: 40})
    assert communities([*pool, *others]) == [list(POOL), list(range(100, 110))]


def test_strangers_in_a_chain_are_no_repertoire() -> None:
    """Accounts that each share another template with another neighbour are not joined by them."""
    chain = [
        (account, token, 30)
        for token in range(30)
        for account in range(token * 4, token * 4 + FEWEST_HOLDERS)
    ]
    assert max(len(one) for one in communities(chain)) <= 3 * FEWEST_HOLDERS


def test_a_template_that_fills_too_little_joins_nobody() -> None:
    """What comes back in fewer exchanges than an account lives on makes no edge."""
    assert communities(mixed(POOL, {1: int(LIVES_ON * EXCHANGES) - 1})) == []


def test_a_popular_template_joins_nobody() -> None:
    """A template that too large a part of all accounts shows is a popular program's."""
    everybody = range(int(MOST_SHARE * COUNT) + 1)
    assert communities(mixed(everybody, {1: 60})) == []


def test_accounts_that_a_group_holds_are_left_alone() -> None:
    """Only free accounts are grouped."""
    free = np.ones(COUNT, dtype=np.bool_)
    free[:10] = False
    assert communities(mixed(POOL, {1: 30, 2: 30}), free) == [list(range(10, 40))]


def test_no_templates_at_all() -> None:
    """A log in which nothing comes back has no repertoires."""
    assert communities([]) == []
