"""Member links: the strongest links of each account to others of its group, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.campaign import AccountLink
from cautery.scan.communities import rarity_bits
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import rounded

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_LINKS: Final = 5
"""Links that are named for an account."""
INFRASTRUCTURE_NAMES: Final = {
    "payment": "the same payment instrument",
    "address": "the same client address",
    "network": "the same network",
    "sign_up_cohort": "the same hour of sign-up",
    "device": "the same TLS fingerprint",
    "email_domain": "the same e-mail domain",
    "referral": "the same referral code",
    "hand_over": "a card or address that was taken over again and again",
    "signature": "reasoning that the model gave to one account only",
}
"""What accounts share by each link, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inside:
    """The pairs of one link whose accounts are in groups, by group and in their own order."""

    account: Integers
    token: Integers
    bits: Floats
    bounds: Integers
    """Where each group begins; one more entry than there are groups."""

    def of(self, group: int) -> tuple[Integers, Integers, Floats]:
        """Account, token and rarity of each pair of one group."""
        own = slice(int(self.bounds[group]), int(self.bounds[group + 1]))
        return self.account[own], self.token[own], self.bits[own]


def _inside(groups: Groups, name: str, account_count: int) -> _Inside:
    """Sort the pairs of one link by group; done once and kept with the groups."""
    key = f"pairs inside:{name}"
    if key not in groups.measured:
        pairs = groups.incidences[name]
        group = groups.group_of[pairs.account]
        inside = np.flatnonzero(group >= 0)
        order = inside[np.argsort(group[inside], kind="stable")]
        groups.measured[key] = _Inside(
            account=pairs.account[order],
            token=pairs.token[order],
            bits=rarity_bits(pairs, account_count)[order],
            bounds=np.searchsorted(group[order], np.arange(groups.count + 1)),
        )
    found: _Inside = groups.measured[key]
    return found


def strongest_links(facts: Facts, groups: Groups, group: int) -> dict[int, tuple[AccountLink, ...]]:
    """Name the strongest links between the members of one group.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        group: Number of the group.

    Returns:
        At most ``MOST_LINKS`` links by account, rarest first.
    """
    found: dict[int, dict[int, tuple[float, str, str]]] = {}
    for name in sorted(groups.incidences):
        if name not in INFRASTRUCTURE_NAMES:
            continue
        account, token, bits = _inside(groups, name, facts.account_count).of(group)
        bounds = np.flatnonzero(np.concatenate([[True], token[1:] != token[:-1], [True]]))
        for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            _link_holders(found, account[start:stop], bits[start:stop], name)
    return {
        account: tuple(
            AccountLink(
                other_account_id=facts.account_ids[other],
                link=link,
                reason=reason,
                bits=rounded(bits),
            )
            for other, (bits, link, reason) in sorted(
                others.items(), key=lambda item: (-item[1][0], item[0])
            )[:MOST_LINKS]
        )
        for account, others in found.items()
    }


def _link_holders(
    found: dict[int, dict[int, tuple[float, str, str]]], holders: Integers, bits: Floats, name: str
) -> None:
    """Link each holder of one token with the next few holders, in a ring."""
    size = holders.size
    if size < 2:
        return
    reason = f"{INFRASTRUCTURE_NAMES[name]}, held by {size} accounts of the group"
    for place in range(size):
        account = int(holders[place])
        others = found.setdefault(account, {})
        for step in range(1, min(MOST_LINKS, size - 1) + 1):
            other = int(holders[(place + step) % size])
            weight = float(min(bits[place], bits[(place + step) % size]))
            if weight > others.get(other, (0.0, "", ""))[0]:
                others[other] = (weight, name, reason)
