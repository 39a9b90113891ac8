"""Groups: sets of linked accounts before any verdict, disjoint, in an order that is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cautery.scan.distinct import places_by_number
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
Basis = Literal["both", "infrastructure", "behaviour"]

NO_GROUP: Final = -1


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Which account is in which group, and what each group's own templates are."""

    group_of: Integers
    """Group of each account, ``NO_GROUP`` if none."""
    basis: tuple[Basis, ...]
    """Families of links that formed each group."""
    incidences: dict[str, Incidences]
    """Account-token pairs of every link that the log can feed."""
    template_group: Integers
    """Group of each template shingle; pairs with ``template_token``."""
    template_token: Integers
    """Shingles that are characteristic of a group, as stored in ``input_shingles``."""
    exchanges: Any
    """Ibis table: the exchange facts of accounts in groups, with ``group`` and ``harvest``."""
    measured: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was measured once and several signals read, by what and of which link."""

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.basis)

    @cached_property
    def sizes(self) -> Integers:
        """Accounts of each group."""
        return np.bincount(self.group_of[self.group_of >= 0], minlength=self.count).astype(np.int64)

    def members(self, group: int) -> Integers:
        """Account numbers of one group, ascending."""
        order, bounds = self._by_group
        return order[bounds[group] : bounds[group + 1]]

    @cached_property
    def _by_group(self) -> tuple[Integers, Integers]:
        """Accounts in the order of their groups, and where each group begins."""
        return places_by_number(self.group_of, self.count)

    def sum_by_group(self, values: Any) -> Any:
        """Sum an array by account over each group."""
        inside = self.group_of >= 0
        return np.bincount(
            self.group_of[inside], weights=np.asarray(values)[inside], minlength=self.count
        )
