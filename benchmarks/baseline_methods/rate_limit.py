"""Rate limit: the accounts that ask most are the suspects."""

from __future__ import annotations

from collections import Counter

from benchmarks.baseline_methods.plain_log import PlainLog


def busiest_accounts(log: PlainLog, count: int) -> set[str]:
    """Name the accounts with the most exchanges.

    Args:
        log: The log.
        count: How many to name; the true number of attackers, which favours the method.

    Returns:
        The busiest accounts.
    """
    sizes = Counter(log.accounts)
    return set(sorted(sizes, key=lambda name: (-sizes[name], name))[:count])


def accounts_over(log: PlainLog, per_day: int = 1_000) -> set[str]:
    """Name the accounts that pass a fixed limit on any day.

    Args:
        log: The log.
        per_day: The limit; a common order of magnitude for a paying account.

    Returns:
        The accounts above it.
    """
    days = Counter(
        (name, int(moment // 86_400)) for name, moment in zip(log.accounts, log.times, strict=True)
    )
    return {name for (name, _), count in days.items() if count > per_day}
