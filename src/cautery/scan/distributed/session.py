"""Opens a Spark session, or says in a sentence why that cannot be."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from cautery.errors import CauteryError, EngineError, MissingExtraError

EXTRA_HINT: Final = "Install it with: pip install 'cautery[spark]'."
REACH_SECONDS: Final = 10.0
"""How long a master may take to answer; Spark itself would try for minutes."""
BATCH_RECORDS: Final = 16_384
"""Rows of a batch that is handed to Python: some megabytes of prompts."""
LOCAL_PARTITIONS: Final = "8"
"""Pieces of a shuffle on one machine; Spark's 200 are for many, and cost more than they save."""
_LONGEST_REASON: Final = 300


def open_session(address: str) -> tuple[Any, bool]:
    """Open a session.

    Args:
        address: Master or ``sc://`` address; empty for what Spark's own configuration says.

    Returns:
        The session, in UTC, and whether it was begun here.

    Raises:
        MissingExtraError: pyspark is not installed.
        EngineError: The master cannot be reached or the session cannot begin.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtraError(
            "pyspark is not installed", where="--engine", hint=EXTRA_HINT
        ) from error
    _check_reachable(address)
    ours = SparkSession.getActiveSession() is None
    builder = SparkSession.builder.appName("cautery")
    if address.startswith("sc://"):
        builder = builder.remote(address)
    elif address:
        builder = builder.master(address)
        if address.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = builder.config("spark.ui.enabled", "false")
            builder = builder.config("spark.sql.shuffle.partitions", LOCAL_PARTITIONS)
            builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
            builder = builder.config("spark.driver.host", "127.0.0.1")
        builder = builder.config("spark.ui.showConsoleProgress", "false")
    with spark_errors(address):
        session = builder.getOrCreate()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH_RECORDS))
    return session, ours


def _check_reachable(address: str) -> None:
    """Knock at the masters: one of them must answer."""
    scheme = address.partition("://")[0]
    if scheme not in ("sc", "spark") or "://" not in address:
        return
    port = 15_002 if scheme == "sc" else 7_077
    why = "it names no host"
    for place in address.partition("://")[2].partition("/")[0].split(","):
        try:
            parts = urlsplit(f"//{place}")
            with socket.create_connection(
                (parts.hostname or "", parts.port or port), timeout=REACH_SECONDS
            ):
                return
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
    raise EngineError(
        f"no Spark answers at {address} ({why})",
        where="--engine",
        hint="Is it running, and may this machine reach it?",
    )


@contextmanager
def spark_errors(address: str) -> Iterator[None]:
    """Turn what Spark raises into one sentence.

    Args:
        address: Where the engine is, for the sentence.

    Raises:
        EngineError: Spark failed.
    """
    try:
        yield
    except CauteryError:
        raise
    except Exception as error:
        if not _is_sparks(error):
            raise
        raise EngineError(
            f"Spark failed: {_reason(error)}", where=address or "spark", hint=_hint(error)
        ) from error


def _is_sparks(error: BaseException) -> bool:
    rooms = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return bool(rooms & {"pyspark", "py4j", "grpc"})


def _reason(error: BaseException) -> str:
    """Find the line that says most: the last one of a Python traceback, or else the first one."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("ModuleNotFoundError", "ImportError"))]
    return (said or lines or [type(error).__name__])[0][:_LONGEST_REASON]


def _hint(error: BaseException) -> str:
    text = str(error)
    if "JAVA_GATEWAY_EXITED" in text or "JAVA_HOME" in text:
        return "Spark needs Java 17 or 21 on this machine; a sc:// address needs none."
    if "ModuleNotFoundError" in text or "ImportError" in text:
        return "Install cautery, with pyarrow, on every machine that Spark runs Python on."
    return "Spark's own log says more."
