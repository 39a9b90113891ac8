"""vLLM: any scheme that cautery can embed, as a custom logits processor of either model runner.

``vllm serve MODEL --logits-processors cautery.inference.vllm:Watermark``, with profile and key
file named by the environment (``cautery.inference.key_choice``). Model Runner V2 calls processors
before temperature and truncation, so what they do is done here first; the V1 runner calls one that
keeps the arg max behind temperature and min-p. Either way a single token is left, which outlives
all that the engine does afterwards, speculative verification included.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.inference.key_choice import from_environment
from cautery.inference.vllm_rows import BatchRows, SlotRows

_BASES: Final[list[type]] = []
"""Base classes that this vLLM has; each runner takes only its own."""
with suppress(ImportError):  # Model Runner V2, from 0.32 on
    from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor as _ForV2

    _BASES.append(_ForV2)
with suppress(ImportError):  # the V1 runner, from 0.10 on
    from vllm.v1.sample.logits_processor import LogitsProcessor as _ForV1

    _BASES.append(_ForV1)
if not _BASES:
    raise MissingExtraError(
        "there is no vLLM with custom logits processors here",
        hint="Install vLLM 0.10 or later into the engine's environment.",
    )

if TYPE_CHECKING:
    _Processor = Any
else:

    class _Processor(*_BASES):
        """The base classes of all runners that this vLLM has."""


class Watermark(_Processor):  # type: ignore[misc]
    """Marks every request but greedy ones; the runner that calls it decides which API it is.

    Args:
        vllm_config: The engine's configuration; not read.
        place: Model Runner V2: the state of requests. V1 runner: the device.
        is_pin_memory: V1 runner only.

    Raises:
        ConfigurationError: Profile or key file is not named, or wrong; the engine does not start.
    """

    def __init__(self, vllm_config: Any, place: Any, is_pin_memory: bool | None = None) -> None:
        choice = from_environment()
        self._slots = SlotRows(choice, place) if is_pin_memory is None else None
        self._batch = BatchRows(choice)

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Refuse a request at admission whose keys are unknown, or missing where required.

        Raises:
            ValueError: What the engine answers with status 400.
        """
        try:
            from_environment().keys_of(sampling_params.extra_args)
        except ConfigurationError as error:
            raise ValueError(str(error)) from error

    def add_request(self, req_idx: int, sampling_params: Any) -> bool:
        """Model Runner V2: take a request into a slot."""
        return self._slots is not None and self._slots.add(req_idx, sampling_params)

    def update_state(self, batch_update: Any) -> None:
        """V1 runner: follow the batch."""
        self._batch.update(batch_update)

    def is_argmax_invariant(self) -> bool:
        """V1 runner: say yes, as greedy requests are left alone.

        So the engine calls this behind penalties and temperature, where a mark belongs.
        """
        return True

    def apply(self, logits: Any, ctx: Any = None) -> Any:
        """Choose the next token of each marked row and leave no other.

        Args:
            logits: Shape (rows, vocabulary).
            ctx: Model Runner V2 only: which row is whose.

        Returns:
            The same tensor.
        """
        return self._batch.apply(logits) if self._slots is None else self._slots.apply(logits, ctx)
