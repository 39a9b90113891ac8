"""Which engine is meant, told by a name or by an address of Spark."""

from __future__ import annotations

import pytest

from cautery.errors import UsageError
from cautery.scan.engine_options import engine_at


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("duckdb", ("duckdb", "")),
        ("spark", ("spark", "")),
        ("local", ("spark", "local")),
        ("local[*]", ("spark", "local[*]")),
        ("yarn", ("spark", "yarn")),
        ("sc://host:15002/;token=x", ("spark", "sc://host:15002/;token=x")),
        ("k8s://https://host:6443", ("spark", "k8s://https://host:6443")),
        ("beside", ("beside", "")),
    ],
)
def test_engines(text: str, meant: tuple[str, str]) -> None:
    """Masters are Spark's; any other word is the name of an engine."""
    assert engine_at(text) == meant


@pytest.mark.parametrize("text", ["", "spark://", "http://host", "local[2", "a b", "\x1b[2J"])
def test_no_engine(text: str) -> None:
    """What is neither is a wrong call, which says what is right."""
    with pytest.raises(UsageError, match="--engine"):
        engine_at(text)
