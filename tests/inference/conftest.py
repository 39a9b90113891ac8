"""What tests of several engines' adapters have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def adapter() -> Iterator[Any]:
    """VLLM's adapter beside both interfaces, as in vLLM 0.32 and later."""
    from tests.inference.vllm_engine import V1, V2, installed

    with installed(V1, V2) as module:
        yield module
