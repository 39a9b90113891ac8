"""Questions whose answers add up: what a table says is the sum of what its pieces say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ibis import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Counts by account, and by what else is named; in deferred Ibis expressions."""

    of: Literal["rows", "exchanges"]
    """Table of the facts that is asked: the parts as ingested, or the narrow facts."""
    by: tuple[str, ...] = ()
    """Columns to count by besides the account."""
    where: Any = None
    """Condition on the rows that count; None for all."""
    made: Mapping[str, Any] = field(default_factory=dict)
    """Columns to make before counting."""
    sums: Mapping[str, Any] = field(default_factory=dict)
    """Whole numbers that add up."""
    least: Mapping[str, Any] = field(default_factory=dict)
    """Smallest values."""
    most: Mapping[str, Any] = field(default_factory=dict)
    """Largest values."""
    bits: Mapping[str, Any] = field(default_factory=dict)
    """Whole numbers whose bits are set if any row sets them."""

    def over(self, table: Any) -> Any:
        """Ask a table.

        Args:
            table: Ibis table of rows or exchanges; ``account`` names the account.

        Returns:
            Ibis table with one row an account (and what it is counted by), in no promised order.
        """
        if self.made:
            table = table.mutate(**self.made)
        if self.where is not None:
            table = table.filter(self.where)
        return table.group_by(["account", *self.by]).aggregate(
            **self.sums, **self.least, **self.most, **self.bits
        )

    def together(self, answers: Any) -> Any:
        """Make one answer of the answers of several pieces.

        Args:
            answers: Ibis table with all of their rows.

        Returns:
            Ibis table of the answer of all pieces as one table.
        """
        columns = {
            **{name: answers[name].sum().cast("int64") for name in self.sums},
            **{name: answers[name].min() for name in self.least},
            **{name: answers[name].max() for name in self.most},
            **{name: answers[name].bit_or() for name in self.bits},
        }
        keys = ["account", *self.by]
        return answers.group_by(keys).aggregate(**columns) if columns else answers.distinct()


SYSTEM_PROMPTS: Final = Question(
    of="exchanges",
    by=("system_hash",),
    where=_.system_hash.notnull(),
    sums={"exchanges": _.count()},
)
"""Exchanges by account and system prompt."""
