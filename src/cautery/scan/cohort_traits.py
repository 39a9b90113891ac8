"""Traits of accounts that matched cohorts are alike in: kind of customer, agent, volume, period."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.scan.questions import SYSTEM_PROMPTS

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Integers = NDArray[np.int64]

COLUMNS: Final = ("volume", "agent", "organisation", "program", "period", "country")
"""What accounts are matched on, the last to be given up first."""
WORDS: Final = {
    "volume": "volume",
    "agent": "agent",
    "organisation": "organisation or none",
    "program": "program",
    "period": "period",
    "country": "country",
}
POPULAR_SHARE: Final = 0.005
FEWEST_POPULAR: Final = 5
"""Accounts outside that show a system prompt before it counts as a popular agent's, as a share of
them and at least."""
AGENT_SHARE: Final = 0.5
"""Part of an account's exchanges that make tools or a system prompt its habit."""
VOLUME_CLASSES: Final = 10


def account_traits(facts: Facts, groups: Groups, columns: tuple[str, ...]) -> list[Integers]:
    """Class every account by what cohorts are matched on.

    Args:
        facts: What the log says; what it does not say is one class for all.
        groups: Candidate groups; their accounts make no system prompt popular.
        columns: Names of ``COLUMNS``.

    Returns:
        Class of each account, by column.
    """
    return [_MAKERS[name](facts, groups) for name in columns]


def _codes(texts: NDArray[np.object_]) -> Integers:
    numbers = {text: number for number, text in enumerate(sorted(set(texts.tolist())))}
    return np.fromiter((numbers[text] for text in texts), dtype=np.int64, count=texts.size)


def _volume(facts: Facts, _groups: Groups) -> Integers:
    """Tenth of all accounts by exchanges."""
    exchanges = facts.totals["exchanges"]
    if exchanges.size == 0:
        return np.zeros(0, dtype=np.int64)
    bounds = np.sort(exchanges)[np.arange(1, VOLUME_CLASSES) * exchanges.size // VOLUME_CLASSES]
    return np.searchsorted(bounds, exchanges, side="right").astype(np.int64)


def _period(facts: Facts, _groups: Groups) -> Integers:
    """Whether an account is seen in the first half of the log, in the second, or in both."""
    first, last = facts.totals["first_us"], facts.totals["last_us"]
    middle = (int(first.min()) + int(last.max())) // 2 if first.size else 0
    return (last >= middle).astype(np.int64) * 2 + (first < middle)


def _agent(facts: Facts, groups: Groups) -> Integers:
    """Tools used or not, and no system prompt, one of its own or a popular one."""
    prompts = facts.answer(SYSTEM_PROMPTS)
    account = prompts["account"].to_numpy().astype(np.int64)
    held = prompts["exchanges"].to_numpy()
    _names, prompt = np.unique(prompts["system_hash"].to_numpy(), return_inverse=True)
    free = groups.group_of < 0
    users = np.bincount(prompt[free[account]], minlength=int(prompt.max(initial=-1)) + 1)
    popular = users >= max(FEWEST_POPULAR, POPULAR_SHARE * int(free.sum()))
    total = np.maximum(facts.totals["exchanges"], 1)
    count = facts.account_count
    prompted = np.bincount(account, held, count) / total >= AGENT_SHARE
    popularly = np.bincount(account, held * popular[prompt], count) / total >= AGENT_SHARE
    known, with_tools = facts.share_by_account(_.tools > 0)
    tools = with_tools >= AGENT_SHARE * np.maximum(known, 1)
    kind = tools.astype(np.int64) * 3 + prompted.astype(np.int64) + popularly.astype(np.int64)
    return np.asarray(kind, dtype=np.int64)


def _organisation(facts: Facts, _groups: Groups) -> Integers:
    """Whether an organisation is declared."""
    return np.asarray(facts.organisations != "", dtype=np.int64)


def _program(facts: Facts, _groups: Groups) -> Integers:
    return _codes(facts.account_texts("program"))


def _country(facts: Facts, _groups: Groups) -> Integers:
    return _codes(facts.account_texts("country"))


_MAKERS: Final[dict[str, Callable[[Facts, Groups], Integers]]] = {
    "volume": _volume,
    "agent": _agent,
    "organisation": _organisation,
    "program": _program,
    "period": _period,
    "country": _country,
}
