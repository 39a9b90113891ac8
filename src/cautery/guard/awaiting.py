"""Decisions for code on an event loop: nothing there may wait for a disk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cautery.records.decision import Decision

if TYPE_CHECKING:
    from cautery.ports import Decider
    from cautery.records.request import RequestFacts


async def decided(decider: Decider, request: RequestFacts) -> Decision:
    """Decide on a request; others go on while the decision is written down.

    Args:
        decider: The decision core.
        request: Its facts.

    Returns:
        The decision. If the task is cancelled meanwhile, it is written down all the same.
    """
    begun = decider.begin(request)
    return begun if isinstance(begun, Decision) else await asyncio.wrap_future(begun)
