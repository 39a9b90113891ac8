"""Tests of looking for cycles seldom."""

from __future__ import annotations

import gc

import pytest

from cautery.ingest.collecting import COLLECT_AFTER, seldom_collecting


@pytest.mark.parametrize("own", [0, 700, 2 * COLLECT_AFTER])
def test_the_caller_gets_his_own_back(own: int) -> None:
    """Cycles are looked for seldom inside, as before afterwards, and never if never before."""
    before = gc.get_threshold()
    try:
        gc.set_threshold(own, *before[1:])
        with seldom_collecting():
            inside = gc.get_threshold()[0]
        assert inside == (0 if own == 0 else max(own, COLLECT_AFTER))
        assert gc.get_threshold() == (own, *before[1:])
    finally:
        gc.set_threshold(*before)
