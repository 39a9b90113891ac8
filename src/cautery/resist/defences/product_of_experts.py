"""Samples from the served model times a proxy student: tokens that a student knows already."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.resist.parameters import read_parameters


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    strength: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 1.0
    """Power to which the proxy student's probability is raised."""
    most_tilt: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 1.0
    """Nats by which no token's odds against another are moved further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TiltBound:
    """How far a distribution goes that is multiplied by exp(tilt), tilts at most so far apart."""

    most_tilt: float
    """Largest difference between two tilts, in nats."""

    @property
    def most_ratio(self) -> float:
        """exp(R): the normaliser lies between the smallest and the largest factor."""
        return math.exp(self.most_tilt)

    @property
    def most_total_variation(self) -> float:
        """tanh(R/4), reached by two tokens whose odds are moved from exp(-R/2) to exp(R/2)."""
        return math.tanh(self.most_tilt / 4.0)

    @property
    def most_divergence(self) -> float:
        """min(R, R**2 / 8): the variance of a tilt that lies within R is at most R**2 / 4."""
        return min(self.most_tilt, self.most_tilt**2 / 8.0)


@dataclass(frozen=True)
class ProductOfExperts:
    """A student learns least from what it would have written itself."""

    name: str = "product-of-experts"
    description: str = "Samples from the served model times a proxy student; bounded distortion."
    precedence: int = 0
    proxy_passes: int = 1

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``strength`` (1) and ``most_tilt`` (1)."""
        return read_parameters(given, Parameters, self.name)

    def reweighted(
        self,
        teacher_logits: NDArray[np.float64],
        proxy_logits: NDArray[np.float64],
        parameters: Any,
    ) -> NDArray[np.float64]:
        """Add the tilt: strength times the proxy's log-probability below its likeliest token's."""
        teacher, proxy = _checked(teacher_logits, proxy_logits)
        possible = np.isfinite(teacher)
        likeliest = np.max(np.where(possible, proxy, -np.inf), axis=-1, keepdims=True)
        # Where the proxy rules out all that the teacher may say, it has no opinion.
        has_opinion = np.isfinite(likeliest)
        below = np.where(has_opinion, proxy - np.where(has_opinion, likeliest, 0.0), 0.0)
        if parameters.strength == 0.0:
            below = np.zeros_like(teacher)
        tilt = np.clip(parameters.strength * below, -parameters.most_tilt, 0.0)
        return _normalised(np.where(possible, teacher + tilt, -np.inf))

    def bound(self, parameters: Any) -> TiltBound:
        """Give the bound of a tilt within ``most_tilt``."""
        return TiltBound(most_tilt=parameters.most_tilt)


def _checked(
    teacher: NDArray[np.float64], proxy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    teacher, proxy = np.asarray(teacher, np.float64), np.asarray(proxy, np.float64)
    if teacher.shape != proxy.shape or teacher.ndim == 0 or teacher.shape[-1] == 0:
        raise ConfigurationError(
            f"logits of the teacher have shape {teacher.shape}, of the proxy student {proxy.shape}",
            where="product-of-experts",
            hint="Both must score the same tokens; the proxy needs the teacher's tokenizer.",
        )
    for whose, logits in (("teacher", teacher), ("proxy student", proxy)):
        if np.isnan(logits).any() or np.isposinf(logits).any():
            raise ConfigurationError(
                f"a logit of the {whose} is not a number", where="product-of-experts"
            )
    if not np.isfinite(teacher).any(axis=-1).all():
        raise ConfigurationError("the teacher rules out every token", where="product-of-experts")
    return teacher, proxy


def _normalised(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    normalised: NDArray[np.float64] = shifted - total
    return normalised


MEMBER: Final = ProductOfExperts()
