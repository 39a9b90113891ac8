"""Account habits: what part of an account's exchanges asks for each capability, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.ingest.intents import SYSTEM_SHIFT, Intent
from cautery.scan.questions import Question

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PHRASED: Final = (
    ("reasoning traces", Intent.REASONING_TRACE),
    ("judging", Intent.GRADING),
    ("training material", Intent.DATA_MAKING),
    ("sensitive rewrites", Intent.SENSITIVE_REWRITE),
    ("agentic and tool work", Intent.AGENTIC),
    ("coding", Intent.CODING),
    ("mathematics", Intent.MATHEMATICS),
    ("translation", Intent.TRANSLATION),
    ("extraction", Intent.EXTRACTION),
)
"""Capabilities by precedence: an exchange counts for the first that it asks for."""
VISION: Final = "vision"
OTHER: Final = "other"
CAPABILITIES: Final = (VISION, *(name for name, _intent in PHRASED), OTHER)
TOKEN_BOUNDS: Final = (16, 64, 256, 1_024, 4_096)
"""Output tokens between the classes of answer length."""


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Shares of each account's exchanges."""

    exchanges: Integers
    """Exchanges of each account."""
    capabilities: Floats
    """Share of each of ``CAPABILITIES``, shape (accounts, capabilities); rows add up to one."""
    manners: Floats
    """Single turns, tools, reasoning and classes of answer length, shape (accounts, manners)."""


def capability_conditions() -> dict[str, Any]:
    """Ibis conditions that split exchanges by capability, each true for its own ones only.

    Returns:
        One condition by name, none of them null.
    """
    asked: list[tuple[str, Any]] = [(VISION, ibis.coalesce(_.images > 0, False))]
    for name, intent in PHRASED:
        mask = int(intent) | (int(intent) << SYSTEM_SHIFT)
        here = ibis.coalesce((_.flags & mask) != 0, False)
        if intent is Intent.AGENTIC:
            here |= ibis.coalesce(_.tools > 0, False)
        asked.append((name, here))
    conditions = {}
    for place, (name, here) in enumerate(asked):
        before = [condition for _name, condition in asked[:place]]
        conditions[name] = here & ~reduce(or_, before) if before else here
    conditions[OTHER] = ~reduce(or_, [condition for _name, condition in asked])
    return conditions


def _manner_conditions() -> list[Any]:
    tokens = ibis.coalesce(_.output_tokens, 0)
    bounds = (0, *TOKEN_BOUNDS, 2**62)
    return [
        ibis.coalesce(_.single_turn, False),
        ibis.coalesce(_.tools > 0, False),
        ibis.coalesce(_.reasoning_tokens > 0, False),
        *((tokens >= low) & (tokens < high) for low, high in pairwise(bounds)),
    ]


def account_habits(facts: Facts, groups: Groups) -> Habits:
    """Measure the habits of all accounts in one pass; done once and kept with the groups.

    Args:
        facts: What the log says.
        groups: Keeps what was measured.

    Returns:
        The habits.
    """
    if "habits" not in groups.measured:
        groups.measured["habits"] = _measured(facts)
    found: Habits = groups.measured["habits"]
    return found


def _measured(facts: Facts) -> Habits:
    asked, manners = list(capability_conditions().values()), _manner_conditions()
    conditions = {f"c{place}": here for place, here in enumerate([*asked, *manners])}
    counts = {name: here.sum().cast("int64") for name, here in conditions.items()}
    found = facts.answer(Question(of="exchanges", sums={"exchanges": _.count(), **counts}))
    exchanges = np.zeros(facts.account_count, dtype=np.int64)
    shares = np.zeros((facts.account_count, len(conditions)))
    place = found["account"].to_numpy()
    exchanges[place] = found["exchanges"].to_numpy()
    for column, name in enumerate(conditions):
        shares[place, column] = found[name].to_numpy()
    shares /= np.maximum(exchanges, 1)[:, None]
    return Habits(
        exchanges=exchanges, capabilities=shares[:, : len(asked)], manners=shares[:, len(asked) :]
    )
