"""One response under a watermark, in an engine that asks again, asks ahead, and takes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.ports import Marking

_SURE: Final = np.ones(1)


@dataclass(slots=True)
class Response:
    """Keeps a marking in step with the tokens that the engine has kept.

    A marking is asked once at each token. Engines are not so regular: a step of a prompt in
    pieces is asked and thrown away, a preempted request comes back in the middle, a drafted token
    is rejected.
    """

    begin: Callable[[], Marking]
    """Begins the response anew."""
    generator: np.random.Generator
    """Samples where the scheme leaves more than one token; workers that must agree have it in the
    same state."""
    marking: Marking | None = None
    length: int = 0
    """Tokens of the response that the marking knows of."""
    asked: bool = False
    """Whether the marking was asked for the token after them."""

    def reach(self, length: int, tokens: Callable[[int, int], Sequence[int]]) -> None:
        """Bring the marking to where the response is.

        Args:
            length: Tokens of the response so far.
            tokens: Gives those from one place to before another.

        Raises:
            ConfigurationError: A token is not known yet.
        """
        if length < self.length or (length == self.length and self.asked):
            self.marking, self.length, self.asked = None, 0, False
        for token in tokens(self.length, length):
            self.accept(token)

    def accept(self, token: int) -> None:
        """Take a token into the context, whether it was chosen here or not.

        Raises:
            ConfigurationError: It is the engine's sign for a token that is not known yet.
        """
        if token < 0:
            raise ConfigurationError(
                "the engine asks for a token before it knows the one before",
                where="watermark",
                hint="Switch asynchronous scheduling off.",
            )
        if not self.asked:  # the marking remembers which contexts it has seen
            self._begun().reweighted(_SURE, np.array([token], dtype=np.int64))
        self._begun().accept(token)
        self.length += 1
        self.asked = False

    def choose(self, probabilities: NDArray[np.float64], candidates: NDArray[np.int64]) -> int:
        """Choose the next token, marked.

        Args:
            probabilities: Of each candidate, after temperature and truncation, adding up to 1.
            candidates: Their token ids.

        Returns:
            One of the candidates.
        """
        shares = self._begun().reweighted(probabilities, candidates)
        self.asked = True
        # A draw by hand takes one number whatever the shares are: workers stay in step.
        edges = np.cumsum(shares)
        place = np.searchsorted(edges, self.generator.random() * edges[-1], side="right")
        return int(candidates[min(int(place), len(candidates) - 1)])

    def ahead(self) -> Response:
        """Give a copy to go on with through drafted tokens, which may yet be rejected."""
        return replace(self, marking=self._begun().ahead())

    def _begun(self) -> Marking:
        if self.marking is None:
            self.marking = self.begin()
        return self.marking
