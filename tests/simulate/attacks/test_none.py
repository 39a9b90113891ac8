"""The log without an attack."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cautery.registry import ATTACKS

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


def test_every_look_alike_is_there(simulated: Maker) -> None:
    """The honest classes of an attacked log are all in the honest one."""
    honest = {row["class"] for row in simulated("none").truth.values()}
    attacked = {row["class"] for row in simulated("hydra").truth.values()}
    assert honest == attacked - {"hydra"}


def test_says_what_it_is() -> None:
    """The tier says that every finding is a false alarm."""
    assert "false alarm" in ATTACKS.load("none").description
