"""Accounts of a group that send back reasoning which the model gave to others of the group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.questions import Question
from cautery.scan.replays import Replays
from cautery.scan.sharing import sharing_of
from cautery.scan.weighing import Curve, on_curve, percent, rounded, shrunk_share

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

CURVE: Final[Curve] = ((0.0, 0.0), (0.005, 1.0), (0.03, 3.0), (0.15, 5.0))
"""Share of the signatures in the group's requests that are other members', less the usual share,
and bits. Set by hand: no log of a real replay is public."""
FULL_SHARE: Final = 0.5
"""Part of the accounts that must take part, giving or taking, for the bits to count in full."""
CARRIED: Final = Question(
    of="rows",
    where=_.carried_signatures.notnull(),
    sums={"carried": _.carried_signatures.length().sum().cast("int64")},
)
"""Signatures in the requests of each account, each exchange for itself."""


class SignatureReplay:
    """Speaks for one hand when conversations go on in other accounts than they began in."""

    name: Final = "signature_replay"
    label: Final = "each other's reasoning sent back"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "infrastructure"
    needs: Final = ("carried_signatures",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups with the pairs of every link.

        Returns:
            One weight a group, never negative: who replays nothing may be anybody. Null of the
            p-value: the group is a random set of accounts.
        """
        found = sharing_of(facts, groups, "signature")
        carried = _carried(facts)
        replays = facts.replays
        inside = _inside(replays, groups)
        own = _by_group(replays, inside, groups)
        known = np.asarray(groups.sum_by_group(carried), dtype=np.float64)
        usual = _usual(replays, groups, carried)
        excess = np.maximum(shrunk_share(own, known, usual) - usual, 0.0)
        sizes = np.maximum(groups.sizes, 1)
        bits = on_curve(CURVE, excess) * np.minimum(found.sharing / sizes / FULL_SHARE, 1.0)
        shares = own / np.maximum(known, 1)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=(
                    f"{percent(float(shares[g]))} of signatures sent back are others', "
                    f"{int(found.sharing[g])} of {int(sizes[g])} accounts"
                ),
                usual=f"{percent(usual)} in the rest of the log",
                sentence=(
                    f"{int(own[g])} of {int(known[g])} reasoning signatures in the requests of "
                    "these accounts were issued to, or sent back before by, another of them."
                ),
                p_value=float(np.exp(found.log_p[g])),
                sample_size=int(known[g]),
            )
            for g in range(groups.count)
        ]


def _carried(facts: Facts) -> Integers:
    told = facts.answer(CARRIED)
    carried = np.zeros(facts.account_count, dtype=np.int64)
    carried[told["account"].to_numpy()] = told["carried"].to_numpy()
    return carried


def _by_group(replays: Replays, chosen: NDArray[np.bool_], groups: Groups) -> Floats:
    """Signatures in the requests of each group, of some replays; each request for itself."""
    group, count = groups.group_of[replays.account[chosen]], replays.exchanges[chosen]
    total: Floats = np.zeros(groups.count, dtype=np.float64)
    np.add.at(total, group, count)
    return total


def _inside(replays: Replays, groups: Groups) -> NDArray[np.bool_]:
    """Whether the account that a signature is from is of the same group."""
    group = groups.group_of[replays.account]
    return np.asarray((group >= 0) & (group == groups.group_of[replays.origin]), dtype=np.bool_)


def _usual(replays: Replays, groups: Groups, carried: Integers) -> float:
    """Share of the signatures in requests outside all groups that are another customer's."""
    outside = groups.group_of < 0
    held = replays.exchanges[outside[replays.account]].sum()
    return float(held / max(int(carried[outside].sum()), 1))


MEMBER: Final = SignatureReplay()
