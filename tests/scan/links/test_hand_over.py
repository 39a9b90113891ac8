"""An address or a card that passes from account to account is a thing they share."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import pairs_of
from tests.scan.small_logs import SmallLog
from tests.scan.timed_worlds import relay
from tests.scan.worlds import ordinary

from cautery.scan.links.hand_over import MEMBER


def test_address(read_log: ReadLog) -> None:
    """All accounts of a chain on one address show one token."""
    found = pairs_of(read_log(ordinary(30) + relay(8)), "hand_over")
    assert [account for account, _token, _one in found] == [f"relay-{n}" for n in range(8)]
    assert len({token for _account, token, _one in found}) == 1
    assert str(found[0][1]).startswith("address ")


def test_card(read_log: ReadLog) -> None:
    """A card is handed over as an address is."""
    chain = relay(8)
    rows = tuple(
        row | {"client_address": f"198.18.{place}.1"} for place, row in enumerate(chain.exchanges)
    )
    cards = tuple(row | {"payment_fingerprint": "card-x"} for row in chain.accounts)
    found = pairs_of(read_log(ordinary(30) + SmallLog(exchanges=rows, accounts=cards)), "hand_over")
    assert [(account, token) for account, token, _one in found] == [
        (f"relay-{number}", "card card-x") for number in range(8)
    ]


def test_colleagues(read_log: ReadLog) -> None:
    """Two who come after two have left, on one desk's address, are no chain."""
    assert pairs_of(read_log(ordinary(30) + relay(3)), "hand_over") == []


def test_old_accounts_take_nothing_over(read_log: ReadLog) -> None:
    """Accounts that signed up long before are customers who moved, and not replacements."""
    chain = relay(8)
    old = tuple(row | {"created_at": "2026-01-01T00:00:00Z"} for row in chain.accounts)
    facts = read_log(ordinary(30) + SmallLog(exchanges=chain.exchanges, accounts=old))
    assert pairs_of(facts, "hand_over") == []


def test_needs() -> None:
    """Without addresses there is nothing that passes on but cards, which payment links already."""
    assert MEMBER.needs == ("client_address",)
