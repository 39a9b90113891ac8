"""``backtest.json``: what a backtest found, of which rules, on which logs, and who looked at it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.errors import ConfigurationError, OutputError
from cautery.policy.backtest import BacktestResult
from cautery.policy.policy_set import PolicySet
from cautery.policy.sources import read_text

BACKTEST_SCHEMA: Final = "cautery.backtest/1"


class LogFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that the backtest read."""

    name: str
    """As it was given."""
    sha256: str
    """Of its content."""


class SignOff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody looked at the result and answers for it."""

    by: str
    """Who."""
    at: datetime
    """When; UTC."""


class BacktestFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file as a whole."""

    schema: str
    """``cautery.backtest/1``."""
    policy_version: str
    """SHA-256 of the policy set."""
    rules_sha256: str
    """SHA-256 of its rules and parameters: these are what was tested."""
    tested: tuple[str, ...]
    """Rules that were asked, sorted."""
    files: tuple[LogFile, ...]
    """Logs and tables that were read, sorted by name."""
    result: dict[str, Any]
    """What was found, as in ``cautery.policy.backtest.BacktestResult``."""
    signed_off: SignOff | None
    """Who looked at it; nobody yet if null."""
    sha256: str
    """SHA-256 of everything above, so that a changed figure is noticed. It is no signature: who
    can write the file can write the digest."""


def backtest_text(
    policy: PolicySet,
    result: BacktestResult,
    files: Sequence[LogFile],
    signed_off: SignOff | None,
) -> str:
    """Write a backtest down.

    Args:
        policy: The set that was tested.
        result: What was found.
        files: What was read.
        signed_off: Who looked at it.

    Returns:
        JSON: the same for the same inputs.
    """
    content: dict[str, Any] = {
        "schema": BACKTEST_SCHEMA,
        "policy_version": policy.version,
        "rules_sha256": policy.rules_sha256,
        "tested": sorted(name for name, mode in policy.modes.items() if mode != "off"),
        "files": [
            {"name": file.name, "sha256": file.sha256}
            for file in sorted(files, key=lambda file: (file.name, file.sha256))
        ],
        "result": msgspec.to_builtins(asdict(result)),
        "signed_off": None if signed_off is None else msgspec.to_builtins(signed_off),
    }
    return json.dumps({**content, "sha256": _digest(content)}, indent=1) + "\n"


def write_backtest(path: Path, text: str) -> None:
    """Write ``backtest.json``.

    Args:
        path: The file.
        text: Its content.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write the backtest: {error.strerror or error}", where=str(path)
        ) from error


def read_backtest(path: Path) -> BacktestFile:
    """Read ``backtest.json`` back.

    Args:
        path: The file.

    Returns:
        What it says.

    Raises:
        ConfigurationError: It cannot be read, is no backtest, or was changed.
    """
    text = read_text(path, str(path))
    try:
        file = msgspec.json.decode(text, type=BacktestFile)
        content = json.loads(text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ConfigurationError(f"no backtest: {error}", where=str(path)) from error
    content.pop("sha256")
    if file.schema != BACKTEST_SCHEMA or _digest(content) != file.sha256:
        raise ConfigurationError(
            "the backtest was changed after it was written, or is of another version",
            where=str(path),
            hint="Run it again: cautery policy backtest",
        )
    return file


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
