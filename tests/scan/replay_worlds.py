"""Small logs of signed reasoning: everybody sends its own back, and a pool also what is others'."""

from __future__ import annotations

from dataclasses import replace

from tests.scan.small_logs import Row, SmallLog

from cautery.ingest.signatures import signature_hash

PUBLIC = signature_hash("a block of thinking that stands in a published transcript")
"""A signature that strangers may send back."""


def signature_of(account: str, turn: int) -> int:
    """Hash of the signature that an account's exchange was given."""
    return signature_hash(f"{account} {turn}")


def signed(log: SmallLog, pool: str = "", every: int = 4, *, afresh: str = "") -> SmallLog:
    """Sign every answer, and have every request send back the reasoning before it.

    Args:
        log: Exchanges.
        pool: Begin of the names of accounts that go on with each other's conversations; empty for
            none.
        every: Of so many exchanges of a member, one goes on with another member's conversation.
        afresh: Begin of the names of accounts that send nothing of their own back.

    Returns:
        The same exchanges, in the order of their times, with both columns of signatures.
    """
    turns: dict[str, int] = {}
    newest: dict[str, tuple[str, int]] = {}
    rows: list[Row] = []
    for row in sorted(log.exchanges, key=lambda row: (row["time_start"], row["account_id"])):
        account = row["account_id"]
        turn = turns.get(account, 0)
        goes_on = turn > 0 and not (afresh and account.startswith(afresh))
        carried = [signature_of(account, turn - 1)] if goes_on else []
        others = [name for name in newest if name != account]
        if pool and account.startswith(pool):
            if turn % every == 0 and others:
                carried = [signature_of(*newest[others[-1]])]
            newest.pop(account, None)
            newest[account] = (account, turn)
        turns[account] = turn + 1
        issued = {"issued_signatures": [signature_of(account, turn)]}
        rows.append(row | issued | ({"carried_signatures": carried} if carried else {}))
    return replace(log, exchanges=tuple(rows))
