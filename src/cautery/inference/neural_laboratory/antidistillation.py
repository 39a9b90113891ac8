"""Antidistillation sampling: tokens that would make a proxy student worse if it learnt them.

Savani and others, *Antidistillation sampling* (arXiv 2504.13146). A student that takes a small step
along the gradient of a token's log-probability changes its loss on the task by that gradient times
the loss's own. So each token is made likelier by the derivative of its log-probability, under a
proxy student, along the gradient of the proxy's loss. A reference for the laboratory: it needs
two passes of a proxy a token and the proxy's weights, which no gateway has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.resist.defences.product_of_experts import TiltBound
from cautery.resist.parameters import read_parameters

NAME: Final = "antidistillation-sampling"


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    strength: Annotated[float, msgspec.Meta(ge=0.0, le=1000.0)] = 1.0
    """Nats of tilt for each nat by which a step of length 1 along the gradient moves a token."""
    most_tilt: Annotated[float, msgspec.Meta(ge=0.0, le=20.0)] = 2.0
    """Nats by which no token's odds against another are moved further."""


@dataclass(frozen=True)
class AntidistillationSampling:
    """Tilts towards tokens that raise a proxy student's loss."""

    name: str = NAME
    description: str = "Samples towards what makes a proxy student worse; bounded distortion."
    precedence: int = 0
    proxy_passes: int = 2

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``strength`` (1) and ``most_tilt`` (2)."""
        return read_parameters(given, Parameters, self.name)

    def reweighted(
        self,
        teacher_logits: NDArray[np.float64],
        proxy_logits: NDArray[np.float64],
        parameters: Any,
    ) -> NDArray[np.float64]:
        """Add strength times the derivative of each token, cut to half of ``most_tilt`` each way.

        Args:
            teacher_logits: Of the served model, shape (..., vocabulary).
            proxy_logits: Not logits here but derivatives of the proxy's log-probabilities along
                the gradient of its loss, the same shape.
            parameters: Strength and bound.
        """
        teacher = np.asarray(teacher_logits, np.float64)
        derivatives = np.asarray(proxy_logits, np.float64)
        if teacher.shape != derivatives.shape or np.isnan(derivatives).any():
            raise ConfigurationError(
                "a derivative is missing or no number for a token that the teacher may choose",
                where=self.name,
                hint="The proxy student needs the teacher's vocabulary and finite weights.",
            )
        half = parameters.most_tilt / 2.0
        tilted = teacher + np.clip(parameters.strength * derivatives, -half, half)
        shifted = tilted - tilted.max(axis=-1, keepdims=True)
        normalised: NDArray[np.float64] = shifted - np.log(
            np.exp(shifted).sum(axis=-1, keepdims=True)
        )
        return normalised

    def bound(self, parameters: Any) -> TiltBound:
        """Give the bound of a tilt within ``most_tilt``."""
        return TiltBound(most_tilt=parameters.most_tilt)


ANTIDISTILLATION: Final = AntidistillationSampling()
