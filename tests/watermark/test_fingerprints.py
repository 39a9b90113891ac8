from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cautery.watermark.fingerprints import fingerprints

ROW = st.tuples(st.integers(-1, 3), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(ROW, min_size=1, max_size=40))
def test_rows_are_alike_if_their_fingerprints_are(rows: list[tuple[int, int]]) -> None:
    """Equal rows share a fingerprint, other rows do not; order of columns matters."""
    table = np.array(rows, dtype=np.int64)
    found = fingerprints(*table.T)
    for here, one in enumerate(rows):
        for there, other in enumerate(rows):
            assert (one == other) == (found[here] == found[there])


def test_columns_are_not_exchangeable() -> None:
    """A context read backwards is another context."""
    left, right = np.array([1]), np.array([2])
    assert fingerprints(left, right) != fingerprints(right, left)
