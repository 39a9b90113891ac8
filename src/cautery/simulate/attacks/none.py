"""No attack: every account is honest, and every finding is a false alarm."""

from __future__ import annotations

from typing import Any


class NoAttack:
    """An honest log."""

    name = "none"
    description = "no attack at all: every finding is a false alarm"

    def generate(self, plan: Any) -> None:
        """Add nothing."""


MEMBER = NoAttack()
