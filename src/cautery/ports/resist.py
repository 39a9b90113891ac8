"""The contracts of the room that makes an output a worse lesson."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cautery.records.answer import Answer


@runtime_checkable
class Defence(Protocol):
    """Makes what a client gets a worse lesson (shelf ``resist/defences``).

    Besides this a defence either ``ChangesAnswers`` or ``ChangesSampling``.
    """

    @property
    def name(self) -> str:
        """Name in files of tiers, with hyphens."""
        ...

    @property
    def description(self) -> str:
        """One line for the list of defences."""
        ...

    @property
    def precedence(self) -> int:
        """Defences of one plan are carried out from the smallest to the largest."""
        ...

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """Check parameters and fill in the defaults.

        Raises:
            ConfigurationError: A parameter is unknown or out of range; names the field.
        """
        ...


class AnswerStream(Protocol):
    """One text of an answer on its way to the client, piece by piece."""

    def feed(self, piece: str) -> str:
        """Take a piece, and give what the client may have of it now."""
        ...

    def finish(self) -> str:
        """Give what is left now that the text has ended."""
        ...


@runtime_checkable
class ChangesAnswers(Protocol):
    """What a defence has if it changes an answer after it was written."""

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Give the answer that the client gets. Pure: same in, same out.

        What is taken out of a text is taken out of its log-probabilities too.
        """
        ...

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Begin one text; however it is cut, the client gets what ``apply`` makes of the whole."""
        ...


class DistortionBound(Protocol):
    """How far a sampling defence can take a token's distribution from the served model's."""

    @property
    def most_ratio(self) -> float:
        """Largest factor by which any token gets likelier or less likely."""
        ...

    @property
    def most_total_variation(self) -> float:
        """Largest chance that the choice of a token differs under the best coupling."""
        ...

    @property
    def most_divergence(self) -> float:
        """Largest Kullback-Leibler divergence from the served model, in nats a token."""
        ...


@runtime_checkable
class ChangesSampling(Protocol):
    """What a defence has if it changes what tokens are drawn from."""

    @property
    def proxy_passes(self) -> int:
        """Forward passes of proxy students for each token."""
        ...

    def reweighted(
        self,
        teacher_logits: NDArray[np.float64],
        proxy_logits: NDArray[np.float64],
        parameters: Any,
    ) -> NDArray[np.float64]:
        """Give log-probabilities to sample from instead of the teacher's.

        Args:
            teacher_logits: Of the served model, after temperature; shape (..., vocabulary). Minus
                infinity for a token that is out of the question, and it stays so.
            proxy_logits: Of the proxy student, in the same shape and vocabulary; or what else the
                defence asks of it for each token.
            parameters: As ``Defence.parameters`` gave them.

        Returns:
            Natural logarithms of probabilities that add up to 1.

        Raises:
            ConfigurationError: The two do not belong together, or are no logits.
        """
        ...

    def bound(self, parameters: Any) -> DistortionBound:
        """Say how far ``reweighted`` can go, whatever the logits."""
        ...
