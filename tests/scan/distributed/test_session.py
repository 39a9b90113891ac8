"""Whatever goes wrong with Spark is one sentence, with what to do next."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from cautery.cli import main
from cautery.errors import EngineError, MissingExtraError, NoInputError
from cautery.scan.distributed import session
from cautery.scan.distributed.session import open_session, spark_errors


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the extra."""
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MissingExtraError, match=r"cautery\[spark\]"):
        open_session("local[2]")


@pytest.fixture(name="closed_port")
def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_nobody_answers(closed_port: int, scheme: str) -> None:
    """A master that is not there is told within seconds; Spark itself would try for minutes."""
    with pytest.raises(EngineError, match=rf"no Spark answers at {scheme}://127.0.0.1"):
        session._check_reachable(f"{scheme}://127.0.0.1:{closed_port}")


def test_one_of_several_masters_answers(closed_port: int) -> None:
    """Standby masters are named together: one is enough."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = server.getsockname()[1]
        session._check_reachable(f"spark://127.0.0.1:{closed_port},127.0.0.1:{there}")


@pytest.mark.parametrize("address", ["spark://host:port", "sc://", "spark://:1"])
def test_no_address(address: str) -> None:
    """What is no address is told as one that does not answer."""
    with pytest.raises(EngineError, match="--engine"):
        session._check_reachable(address)


def sparks(words: str) -> Exception:
    """Make an error that looks like one of pyspark's."""
    kind = type("PythonException", (Exception,), {"__module__": "pyspark.errors"})
    error: Exception = kind(words)
    return error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("first line\nsecond line", r"Spark failed: first line\. Spark's own log"),
        (
            "Traceback ...\n  File\nModuleNotFoundError: No module named 'cautery'\n at org.x",
            "ModuleNotFoundError: No module named 'cautery'. Install cautery",
        ),
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited", "Java 17"),
        ("", "PythonException"),
    ],
)
def test_errors_of_spark(words: str, told: str) -> None:
    """A hundred lines of two languages become the one that says what to do."""
    with pytest.raises(EngineError, match=told), spark_errors("spark://head:7077"):
        raise sparks(words)


@pytest.mark.parametrize("error", [ValueError("ours"), NoInputError("no table")])
def test_other_errors_stay(error: Exception) -> None:
    """Faults of the program and sentences of cautery are not blamed on Spark."""
    with pytest.raises(type(error)), spark_errors(""):
        raise error


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--engine", "spark"], 2, "--scratch"),
        (["--engine", "http://x"], 2, "is no engine"),
        (["--engine", "sparc"], 2, "Did you mean 'spark'"),
        (["--scratch", "x"], 2, "only Spark needs it"),
        (["--engine", "local", "--memory", "4GB"], 2, "Spark"),
        (["--engine", "local", "--incremental", "state"], 2, "--incremental"),
    ],
)
def test_options_that_clash(
    tmp_path: Path, capsys: Any, words: list[str], code: int, told: str
) -> None:
    """What one engine only knows is refused of the other before anything is read."""
    log = tmp_path / "log.parquet"
    log.touch()
    assert main.run(["scan", str(log), "-o", str(tmp_path / "out"), *words]) == code
    assert told in capsys.readouterr().err
