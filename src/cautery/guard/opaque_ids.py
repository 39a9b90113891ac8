"""Random identifiers that tell nothing: not how many there were, nor when, nor whose."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Final

ID_BYTES: Final = 16
_IDS_A_DRAW: Final = 256


class OpaqueIds:
    """Identifiers of 128 random bits; drawn by the hundred, because asking the system costs more.

    A process that was forked off draws anew, or both would give the same ones.

    Args:
        random_bytes: Gives random bytes.

    Example:
        >>> OpaqueIds(bytes).draw()
        'd-00000000000000000000000000000000'
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._drawn: list[str] = []
        forget = weakref.WeakMethod(self._forget)

        def forget_in_child() -> None:
            if (method := forget()) is not None:
                method()

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=forget_in_child)

    def draw(self) -> str:
        """Give the next identifier.

        Returns:
            ``d-`` and 32 hexadecimal digits; no other call gives the same.
        """
        try:
            # One step under the interpreter's lock: two threads never get one identifier.
            return self._drawn.pop()
        except IndexError:
            digits = self._random_bytes(ID_BYTES * _IDS_A_DRAW).hex()
            step = 2 * ID_BYTES
            drawn = [f"d-{digits[at : at + step]}" for at in range(0, len(digits), step)]
            last = drawn.pop()
            self._drawn = drawn
            return last

    def _forget(self) -> None:
        self._drawn = []
