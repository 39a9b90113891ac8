"""The contracts of the watermark room: a scheme, the law of its statistic, many keys at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cautery.records.key import Key


class NullDistribution(Protocol):
    """How a scheme's statistic is distributed in a text that the key did not mark.

    Laws are values: equal ones compare and hash alike. ``cautery.watermark.null_distributions``
    has those of all schemes so far.
    """

    @property
    def mean(self) -> float:
        """Of one position's value."""
        ...

    @property
    def variance(self) -> float:
        """Of one position's value."""
        ...

    @property
    def largest_tilt(self) -> float:
        """``log_moment`` is finite below it."""
        ...

    def statistic(self, values: NDArray[np.float64]) -> float:
        """Reduce the values of the scored positions to the number that the engine reports."""
        ...

    def log10_upper_tail(self, statistic: float, count: int) -> float:
        """Give log10 of the exact chance of this statistic or more, in ``count`` positions."""
        ...

    def at_mean(self, mean: float, count: int) -> float:
        """Give the statistic of ``count`` positions whose values have this mean."""
        ...

    def most(self, count: int) -> float:
        """Give the largest statistic that ``count`` positions can have."""
        ...

    def log_moment(self, tilt: float) -> float:
        """Natural logarithm of the mean of exp(tilt value) at one position."""
        ...

    def tilted_mean(self, tilt: float) -> float:
        """Mean of one value under the law tilted by exp(tilt value)."""
        ...

    def __hash__(self) -> int: ...


@runtime_checkable
class Scheme(Protocol):
    """A watermark construction, bit-exact with its engine (shelf ``watermark/schemes``)."""

    name: str
    """Name in profiles, with hyphens (contracts, section 5)."""
    description: str

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """Check a profile's parameters and fill in the engine's own defaults.

        Raises:
            ConfigurationError: A parameter is unknown, missing or out of range; names the field.
        """
        ...

    def check_key(self, key: Key, parameters: Any) -> None:
        """Refuse a key that the engine would refuse or that marks badly.

        Raises:
            ConfigurationError: Wrong length, out of range, or weak; never shows the value.
        """
        ...

    def make_key(self, shared: bytes, own: bytes, parameters: Any) -> bytes:
        """Lay out the value of a key from pseudo-random bytes.

        Args:
            shared: 64 bytes that all keys of the epoch have in common.
            own: 4,096 bytes of this key alone.
            parameters: The profile's.

        Returns:
            Key material that ``check_key`` accepts.
        """
        ...

    def engine_settings(self, key: Key, parameters: Any) -> Mapping[str, Any]:
        """Say what the engine must be told to mark with this key; it holds the key in clear.

        Raises:
            ConfigurationError: The engine cannot be told so.
        """
        ...

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Any:
        """List the scored positions of one text, as ``cautery.watermark.positions.Positions``.

        In most schemes every key has the same. Where a text is split between layers, they are
        those of the key's layer, and keys of one layer and epoch share them: asked again for the
        same text, such a scheme gives the same object, so that its identity may be relied on.
        """
        ...

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        """Value of each scored position under a key, shape (positions,).

        In a text that the key did not mark, each has the law that ``null`` says.
        """
        ...

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        """Fingerprint of what the keyed function read at each position, shape (positions,).

        Two positions with the same fingerprint have the same value and count once
        (``deduplicate: prf-input``).
        """
        ...

    def deduplicate(self, parameters: Any) -> Literal["context-token", "prf-input"]:
        """Say which repetitions to leave out if the profile does not say."""
        ...

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of the statistic in a text that the key did not mark."""
        ...


@runtime_checkable
class ManyKeys(Protocol):
    """What a scheme may have besides: a way to try many keys that beats one after the other."""

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Value of each scored position under each key, shape (keys, positions).

        Row by row the same bits as ``Scheme.values``. Call it through
        ``cautery.watermark.many_keys``, which bounds the memory and serves every scheme.
        """
        ...


@runtime_checkable
class ManyInputs(Protocol):
    """What a scheme may have besides, if keys differ in what they read of a text."""

    def values_and_inputs_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        """Give what each key makes of each position, and what it read, shape (keys, positions).

        Row by row what ``Scheme.values`` and ``Scheme.prf_inputs`` give. Call it through
        ``cautery.watermark.many_keys``, as for ``ManyKeys``.
        """
        ...


@runtime_checkable
class KeylessContexts(Protocol):
    """What a scheme has besides if some contexts are read alike under every key."""

    def keyless(self, positions: Any, parameters: Any) -> NDArray[np.bool_]:
        """Mark the positions where some keys play no part, shape (positions,).

        A mark under one of these keys shows there under all, so no test looks at them
        (``cautery.watermark.scoring.keyed``). The same ones for every key: what is left out must
        not depend on what is tested.
        """
        ...


class Marking(Protocol):
    """One response that is being written under a watermark, token after token."""

    def reweighted(
        self, probabilities: NDArray[np.float64], candidates: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give what the engine is to sample the next token from instead.

        Args:
            probabilities: Of each candidate, after temperature and truncation; shape (candidates,),
                adding up to 1.
            candidates: Their token ids.

        Returns:
            Probabilities that add up to 1; a single 1 where the scheme has chosen.
        """
        ...

    def accept(self, token: int) -> None:
        """Take the token that was chosen into the context."""
        ...

    def ahead(self) -> Marking:
        """Give an independent copy, to go on with through tokens that may yet be rejected."""
        ...


@runtime_checkable
class Embeds(Protocol):
    """What a scheme has besides if cautery itself can put its mark on a text."""

    def begin(self, keys: Sequence[Key], parameters: Any, prompt: Sequence[int]) -> Marking:
        """Begin a response.

        Args:
            keys: One for each layer of the scheme.
            parameters: The profile's.
            prompt: Token ids before the response.

        Raises:
            ConfigurationError: These are not the keys that marking takes.
        """
        ...
