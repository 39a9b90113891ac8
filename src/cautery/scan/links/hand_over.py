"""Cards and addresses that pass from an account that ends to a fresh one, again and again."""

from __future__ import annotations

from typing import Final

import numpy as np

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences, make_incidences
from cautery.scan.successions import handed_over, lives_of


class HandOverLink:
    """Account-token pairs of things that are taken over soon after their last holder's end."""

    name: Final = "hand_over"
    label: Final = "taken over after an account's end"
    family: Final[Family] = "infrastructure"
    needs: Final = ("client_address",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account that hands a thing over or takes it over.

        Args:
            facts: What the log says; of the account table, cards and times where it has them.

        Returns:
            Account-token pairs, one exchange each; the token is the key of the address, or the
            card.
        """
        lives = lives_of(
            facts.totals["first_us"],
            facts.totals["last_us"],
            facts.account_times("created_at"),
            facts.account_times("closed_at"),
        )
        accounts, tokens = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=object)]
        for kind, pairs in (
            ("address", facts.addresses),
            ("card", _cards(facts)),
        ):
            kept = handed_over(pairs, lives)
            accounts.append(pairs.account[kept])
            names = [f"{kind} {pairs.names[token]}" for token in pairs.token[kept].tolist()]
            tokens.append(np.array(names, dtype=object))
        account = np.concatenate(accounts)
        return make_incidences(
            account, np.concatenate(tokens), np.ones(account.size, dtype=np.int64)
        )


def _cards(facts: Facts) -> Incidences:
    cards = facts.account_texts("payment_fingerprint")
    held = np.flatnonzero(cards != "")
    return make_incidences(held, cards[held], np.ones(held.size, dtype=np.int64))


MEMBER: Final = HandOverLink()
