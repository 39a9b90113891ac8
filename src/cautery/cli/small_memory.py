"""Settings of the process for machines with little memory: freed memory goes back at once.

They cost time (fresh pages for every large array), so that only the demo asks for them.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

LARGE_BYTES: Final = 1_048_576
"""From this size on, memory is given back to the system as soon as it is freed."""
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
"""Names of mallopt(3). A fixed threshold also keeps glibc from raising it as it goes."""


def keep_little_memory() -> None:
    """Let this process hold on to as little freed memory as it can.

    Arrow reads its setting when it is first imported; an earlier choice of the user stays.
    """
    if "pyarrow" not in sys.modules:
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none, and needs none
        mallopt(M_TRIM_THRESHOLD, LARGE_BYTES)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
