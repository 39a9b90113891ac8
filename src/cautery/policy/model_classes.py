"""Which class of served models a request asks for; a model in none is held to every demand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cautery.policy.configuration import ModelClass
from cautery.records.request import VERIFICATIONS

UNLISTED: Final = "unlisted"
"""Class of the models that no class names."""
KEPT_NAMES: Final = 4096
"""Names of models that are remembered; clients write them, so not more."""
LADDERS: Final = (
    "least_verification",
    "reasoning_verification",
    "logprobs_verification",
    "choices_verification",
)
FLAGS: Final = ("known_ownership", "resale_attestation")


def rank_of(verification: str) -> int:
    """Give the place of a verification on its ladder.

    Args:
        verification: As account tables have it.

    Returns:
        0 for *none* and for anything that is not on the ladder.

    Example:
        >>> rank_of("contract"), rank_of("selfie")
        (4, 0)
    """
    return _RANKS.get(verification, 0)


class ModelClasses:
    """The classes of a policy set.

    Args:
        classes: As configured, by name.
    """

    def __init__(self, classes: Mapping[str, ModelClass]) -> None:
        self.classes = {**classes, UNLISTED: strictest(classes)}
        self._exact = {
            model: name
            for name, kind in classes.items()
            for model in kind.models
            if model[-1:] != "*"
        }
        begins = [
            (model[:-1], name)
            for name, kind in classes.items()
            for model in kind.models
            if model[-1:] == "*"
        ]
        self._begins = sorted(begins, key=lambda item: (-len(item[0]), item))
        self.class_of = lru_cache(maxsize=KEPT_NAMES)(self._find)

    def _find(self, model: str) -> str:
        if not model:
            return UNLISTED
        if model in self._exact:
            return self._exact[model]
        return next((name for start, name in self._begins if model.startswith(start)), UNLISTED)

    def attributes(self) -> dict[str, dict[str, Any]]:
        """Give what rules see of each class.

        Returns:
            Attributes by name of the class, ladders as numbers.
        """
        return {
            name: {
                **{ladder: rank_of(getattr(kind, ladder)) for ladder in LADDERS},
                **{flag: getattr(kind, flag) for flag in FLAGS},
            }
            for name, kind in self.classes.items()
        }


def strictest(classes: Mapping[str, ModelClass]) -> ModelClass:
    """Put together the strictest demand of every class.

    Args:
        classes: The classes.

    Returns:
        A class without models.
    """
    demands: dict[str, Any] = {
        ladder: VERIFICATIONS[
            max((rank_of(getattr(kind, ladder)) for kind in classes.values()), default=0)
        ]
        for ladder in LADDERS
    }
    for flag in FLAGS:
        demands[flag] = any(getattr(kind, flag) for kind in classes.values())
    return ModelClass(models=(), **demands)


_RANKS: Final[dict[str, int]] = {name: rank for rank, name in enumerate(VERIFICATIONS)}
