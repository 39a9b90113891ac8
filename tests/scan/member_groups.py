"""Groups of accounts on shared cards that live on templates, for tests of membership."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from tests.scan.arrays import Use, bare_facts, bare_groups, hashes

from cautery.scan.groups import Basis, Groups
from cautery.scan.incidences import Incidences
from cautery.scan.membership import Membership, measure_membership

COUNT = 400
GROUP = range(16)
TOKENS = range(1_000, 1_012)
CARDS = {f"card-{place}": range(4 * place, 4 * place + 4) for place in range(4)}
Columns = Mapping[str, Sequence[str | None]]


def harvesting(accounts: Iterable[int], tokens: Iterable[int] = TOKENS) -> Incidences:
    """Have accounts live on shingles."""
    shingles = list(tokens)
    uses: list[Use] = [(account, token, 4) for account in accounts for token in shingles]
    return hashes(uses)


def grouped(
    links: Mapping[str, Incidences],
    members: Iterable[int] = GROUP,
    *,
    tokens: Iterable[int] = TOKENS,
    users: Iterable[int] | None = None,
    basis: Basis = "both",
) -> Groups:
    """Make one group whose users live on its templates: eight exchanges of eight."""
    inside, shingles = list(members), list(tokens)
    using = inside if users is None else list(users)
    return bare_groups(
        COUNT,
        [inside],
        {"template": harvesting(using, shingles), **links},
        basis=basis,
        own=[shingles],
        harvest=dict.fromkeys(using, 8),
    )


def measured(groups: Groups, columns: Columns | None = None) -> Membership:
    """Measure the membership of all accounts."""
    return measure_membership(bare_facts(COUNT, columns=columns), groups)


def bits(found: Membership, account: int, signal: str) -> float:
    """Bits of one row of one account, 0 if it has none."""
    return sum(row.bits for row in found.weights(account) if row.signal == signal)


def joined(*links: Incidences) -> Incidences:
    """Put the pairs of several links into one, tokens by their names."""
    uses: list[Use] = []
    for link in links:
        names = np.asarray(link.names)[link.token]
        uses += zip(link.account.tolist(), names.tolist(), link.exchanges.tolist(), strict=True)
    return hashes(uses)
