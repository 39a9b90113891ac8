"""Settings of the process that say where memory comes from, and when it goes back.

For machines with little memory it goes back at once. That costs time (fresh pages for every large
array), so that only the demo asks for it. A scan asks for the opposite.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, Final

LARGE_BYTES: Final = 1_048_576
"""From this size on, memory is given back to the system as soon as it is freed."""
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
"""Names of mallopt(3). A fixed threshold also keeps glibc from raising it as it goes."""


def keep_little_memory() -> None:
    """Let this process hold on to as little freed memory as it can.

    Arrow reads its setting when it is first imported; an earlier choice of the user stays.
    """
    _give_arrow_system_memory()
    mallopt = _mallopt()
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, LARGE_BYTES)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def use_memory_again() -> None:
    """Have Arrow's batches take the memory of the batches before them.

    Arrow's own pool (mimalloc) gives it back in between: reading a log of 4 million exchanges took
    3.6 s of system time with it and 1.1 s with glibc, of 26 s and 23 s in all (one run each).
    glibc keeps it. Of other C libraries that was not measured, and there Arrow's own pool stays.
    """
    if _mallopt() is not None:
        _give_arrow_system_memory()


def _give_arrow_system_memory() -> None:
    if "pyarrow" not in sys.modules:
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def _mallopt() -> Any:
    """The function of glibc that changes its settings; None where there is another library."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and needs none
