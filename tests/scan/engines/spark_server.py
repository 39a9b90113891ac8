"""A Spark without Java for tests: the server of pysail, if it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SAIL_PROGRAM = """
import os, sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer()
server.start(background=True)
address = f"sc://127.0.0.1:{server.listening_address[1]}"
sys.argv = ["cautery", *(address if word == "SAIL" else word for word in sys.argv[1:])]
from cautery.cli.main import run
code = run(sys.argv[1:])
sys.stdout.flush()
os._exit(code)
"""
"""Runs ``cautery`` beside a server of its own, whose address stands for the word SAIL."""


def need_sail() -> None:
    """Skip the test, naming what it wants."""
    for package in ("pysail", "pyspark", "grpc", "pandas"):
        pytest.importorskip(package, reason="wants pip install pysail 'pyspark[connect]<4.1'")


@contextmanager
def sail_address() -> Iterator[str]:
    """Run a server; its address is good until the end."""
    need_sail()
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer()
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"
    server.stop()
