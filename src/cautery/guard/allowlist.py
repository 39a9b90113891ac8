"""Accounts that no rule may hinder: the allowlist wins last, in one function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cautery.errors import ConfigurationError
from cautery.records.decision import Decision, Reason
from cautery.records.standing import AllowlistEntry

RULE: Final = "allowlist"
"""Rule that the reason of an override names."""


class Allowlist:
    """Entries by account.

    Args:
        entries: The entries; an account may have several, for example one after the other.

    Raises:
        ConfigurationError: An entry lacks its account, reason, owner, or a time zone.
    """

    def __init__(self, entries: Iterable[AllowlistEntry] = ()) -> None:
        self._entries: dict[str, tuple[AllowlistEntry, ...]] = {}
        for entry in entries:
            _check(entry)
            self._entries[entry.account_id] = (*self.entries_of(entry.account_id), entry)

    def entries_of(self, account_id: str) -> tuple[AllowlistEntry, ...]:
        """Give the entries of an account, whether they hold or not.

        Args:
            account_id: The account.

        Returns:
            Its entries, in the order in which they were given.
        """
        return self._entries.get(account_id, ())

    def __len__(self) -> int:
        return sum(len(entries) for entries in self._entries.values())


def allowlisted(
    decision: Decision, entries: Sequence[AllowlistEntry], earliest: datetime, latest: datetime
) -> Decision:
    """Let an allowlist entry win over whatever the rules ask to be done.

    This is the last word on a request, and the only place where an entry counts. What the rules
    asked for stays in ``action`` and ``reasons``, so that an override can be seen.

    Args:
        decision: What the rules and the faults give.
        entries: Entries that may be of the account.
        earliest: Now, by the clock that is behind; UTC.
        latest: Now, by the clock that is ahead: if the clocks differ, an entry holds by both.

    Returns:
        The decision with ``enforced_action`` *allow*, nothing left out and no mark of a campaign,
        if an entry of the account holds and something else was going to be done; otherwise the
        decision as it was.
    """
    if decision.enforced_action == "allow" or not decision.account_id:
        return decision
    for entry in entries:
        if entry.account_id == decision.account_id and _holds(entry, earliest, latest):
            why = Reason(
                rule=RULE,
                text=f"{entry.owner} exempts the account: {entry.reason}",
                evidence=(f"until {entry.expires_at.isoformat()}",),
            )
            return replace(
                decision,
                enforced_action="allow",
                reasons=(*decision.reasons, why),
                watermark_key_id="",
                degradations=(),
                defence_tiers=(),
                retry_after_seconds=0,
                allowlisted_by=entry.owner,
            )
    return decision


def _holds(entry: AllowlistEntry, earliest: datetime, latest: datetime) -> bool:
    begun = entry.starts_at is None or entry.starts_at <= earliest
    return begun and latest < entry.expires_at


def _check(entry: AllowlistEntry) -> None:
    for name in ("account_id", "reason", "owner"):
        if not str(getattr(entry, name)).strip():
            raise ConfigurationError(
                f"an allowlist entry has no {name}",
                where=entry.account_id[:80],
                hint="Somebody answers for each entry, and says why.",
            )
    for moment in (entry.expires_at, entry.starts_at):
        if moment is not None and moment.utcoffset() is None:
            raise ConfigurationError(
                "a time of an allowlist entry has no time zone", where=entry.account_id[:80]
            )
