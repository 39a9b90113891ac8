"""The forwarded tier: a relay that mixes other customers' questions with its harvest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from cautery.registry import ATTACKS

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


def test_everything_is_collected(simulated: Maker) -> None:
    """The relay keeps what its own customers' questions bring: all of it is harvest."""
    log = simulated("forwarded")
    rows = log.of_class("forwarded")
    assert all(log.harvest[row["request_id"]] for row in rows)


def test_many_topics_in_one_account(simulated: Maker) -> None:
    """Forwarded people do not speak one language of prompts: hardly one is sent twice."""
    texts = Counter(row["input_text"] for row in simulated("forwarded").of_class("forwarded"))
    assert sum(count == 1 for count in texts.values()) > 0.5 * len(texts)


def test_says_what_it_is() -> None:
    """The tier names itself and describes its shape."""
    assert ATTACKS.load("forwarded").name == "forwarded"
    assert ATTACKS.load("forwarded").description
