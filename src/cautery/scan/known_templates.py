"""Shingles of public pipelines' stock prompts, which strangers share without being linked."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from cautery.ingest.sketches import SKETCH_VERSION


@cache
def known_shingles() -> NDArray[np.int64]:
    """Load the shingles of stock prompts (evol-instruct, self-instruct, UltraFeedback).

    Returns:
        Sorted shingles; empty if they were made with another version of the sketches.

    Example:
        >>> known_shingles().size > 100
        True
    """
    path = files("cautery.scan") / "data" / "known_templates.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["sketch_version"] != SKETCH_VERSION:
        return np.zeros(0, dtype=np.int64)
    values = {value for shingles in content["pipelines"].values() for value in shingles}
    return np.array(sorted(values), dtype=np.int64)
