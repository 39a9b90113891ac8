"""The contracts of the provenance room: a probe of a suspect model, and a model that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cautery.records.probe import ProbeReport


@runtime_checkable
class Probe(Protocol):
    """A test that is run on a suspect model (shelf ``provenance/probes``)."""

    name: str
    """Name in reports, with hyphens."""
    description: str
    """One line for the list of probes."""

    def examine(self, suspect: Any, question: Any) -> ProbeReport:
        """Test a suspect.

        Args:
            suspect: What the suspect wrote or predicted; each probe says of which type.
            question: What it is tested for; likewise.

        Returns:
            The report, with what it does not show.

        Raises:
            ConfigurationError: There is nothing to test for.
        """
        ...


class NextTokens(Protocol):
    """A suspect whose next tokens can be asked for: open weights, or logits."""

    def predict(self, tokens: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """Give the likeliest tokens at every place, from the given tokens before it.

        Args:
            tokens: Token ids of one text, shape (tokens,).
            most: Tokens to give for a place.

        Returns:
            Shape (tokens, most), the likeliest first; -1 where there is none, as at place 0.
        """
        ...
