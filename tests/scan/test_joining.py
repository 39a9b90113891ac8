"""Which behaviour may join accounts, which speaks for more, and for whom it is still free."""

from __future__ import annotations

import numpy as np
from tests.scan.arrays import hashes
from tests.scan.grouping import things, with_own

from cautery.scan.association import LEAST_CONCENTRATION
from cautery.scan.degree_null import shared_things
from cautery.scan.incidences import Incidences
from cautery.scan.joining import Joining, joining_tokens

COUNT = 400
GROUP = range(8)
CARDS = {"one": (0, 1, 2, 3), "two": (4, 5, 6, 7)} | {
    f"pair-{left}": (left, left + 1) for left in range(50, 90, 2)
}


def joining(
    behaviour: dict[str, Incidences],
    *,
    customers: list[int] | None = None,
    held: tuple[int, ...] = (),
    shared: dict[str, tuple[int, ...]] | None = None,
) -> Joining:
    """Choose tokens, with each account its own customer and free if nothing else is said."""
    free = np.ones(COUNT, dtype=np.bool_)
    free[list(held)] = False
    numbers = np.array(customers or range(COUNT), dtype=np.int64)
    return joining_tokens(
        behaviour,
        shared_things([things(with_own(CARDS if shared is None else shared, COUNT))], numbers),
        numbers,
        free,
    )


def templates(*, strangers: int = 0, exchanges: int = 5) -> Incidences:
    """The group's own shingle with some strangers, and one that unrelated accounts repeat."""
    own = [(account, 9, exchanges) for account in (*GROUP, *range(20, 20 + strangers))]
    return hashes([*own, *((account, 4, 3) for account in range(30, 45))])


def test_only_concentrated_tokens() -> None:
    """A token joins the holders that share a card; one of accounts that share nothing does not."""
    found = joining({"template": templates()})
    assert found.linked.shape == found.shows.shape == (1, COUNT)
    assert found.linked.toarray()[0].nonzero()[0].tolist() == list(GROUP)
    assert found.shows.toarray()[0, : len(GROUP)].tolist() == [5.0] * len(GROUP)
    assert found.shingles.tolist() == [9]


def test_who_speaks() -> None:
    """A token speaks for its other holders while enough of its holders are linked."""
    found = joining({"template": templates(strangers=9)})
    assert found.shingles.tolist() == [9]
    assert found.shows.nnz == len(GROUP) + 9
    assert found.linked.nnz == len(GROUP)
    crowd = int(len(GROUP) / LEAST_CONCENTRATION) + 1
    popular = joining({"template": templates(strangers=crowd - len(GROUP))})
    assert popular.shingles.size == 0


def test_held_accounts_are_left_out() -> None:
    """An account of an earlier pass is neither linked nor shown again."""
    found = joining({"template": templates()}, held=(0, 5))
    assert found.linked.toarray()[0].nonzero()[0].tolist() == [1, 2, 3, 4, 6, 7]
    assert found.shows.toarray()[0].nonzero()[0].tolist() == [1, 2, 3, 4, 6, 7]


def test_accounts_of_a_linked_customer() -> None:
    """If a customer is linked, those of its accounts that show the token are, and no others."""
    customers = list(range(COUNT))
    customers[95], customers[96] = 0, 0
    numbers = np.unique(customers, return_inverse=True)[1].tolist()
    behaviour = hashes([(account, 9, 5) for account in (*GROUP, 95)])
    found = joining({"template": behaviour}, customers=numbers)
    assert found.linked.toarray()[0].nonzero()[0].tolist() == [*GROUP, 95]


def test_links_are_stacked_by_name() -> None:
    """Tokens of several links stand together, and only those of templates have shingles."""
    styles = things({"style": GROUP})
    for behaviour in (
        {"template": templates(), "parameters": styles},
        {"parameters": styles, "template": templates()},
    ):
        found = joining(behaviour)
        assert found.shows.toarray()[:, 0].tolist() == [1.0, 5.0]
        assert found.shingles.tolist() == [9]


def test_nothing_joins() -> None:
    """Without behaviour, or with nothing shared, no token joins, and the shapes still fit."""
    for found in (
        joining({}),
        joining({"template": hashes([])}),
        joining({"template": templates()}, shared={}),
    ):
        assert found.linked.shape == found.shows.shape == (0, COUNT)
        assert found.shingles.size == 0
