"""What ``cautery watermark detect`` does."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from cautery.errors import ConfigurationError, InputError, NoInputError, OutputError
from cautery.records.detection import Detection, Verdict, chance_text
from cautery.watermark.key_file import load_keys
from cautery.watermark.profile import load_profile
from cautery.watermark.verification import verify_texts

STANDARD_INPUT: Final = "-"
SPOOLED_BYTES: Final = 64 * 1024 * 1024
"""Results that are held in memory before they go to a temporary file."""
SMALLEST_LOG10: Final = -300.0
"""Chances below 1e-300 are written digit by digit: as numbers of 64 bits they would be zero."""


def run_detect(
    file: str, profile: Path, keys: Path | None, output: Path | None, *, across_texts: bool
) -> int:
    """Test texts; see the verb ``detect``."""
    loaded = load_profile(profile)
    if keys is None:
        raise ConfigurationError(
            "there is no key to test for", where="--keys", hint="Name a key file; none is built in."
        )
    tested = load_keys(keys, loaded)
    with _opened(file) as stream:
        findings = verify_texts(loaded, tested, stream, file, across_texts=across_texts)
        if output is None and file == STANDARD_INPUT:
            _stream(findings)
        else:
            _write_whole(findings, file, output)
    return 0


def line_of(finding: Detection) -> bytes:
    """Write a finding as one line of JSON.

    Args:
        finding: The finding.

    Returns:
        The line. Where there is more to say than the contract's fields, ``reason`` and
        ``tokens_needed`` follow them.
    """
    line: dict[str, Any] = finding.line()
    logs = {"p_value": finding.log10_p, "corrected_p_value": finding.log10_corrected_p}
    for name, log10_p in logs.items():
        if log10_p is not None and log10_p < SMALLEST_LOG10:
            line[name] = msgspec.Raw(chance_text(log10_p).encode())
    if finding.verdict in {Verdict.TOO_SHORT, Verdict.NOT_TESTED}:
        line["reason"] = finding.reason
    if finding.verdict is Verdict.TOO_SHORT:
        line["tokens_needed"] = finding.tokens_needed
    return msgspec.json.encode(line) + b"\n"


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - errors of reading are told apart from it
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=file) from error
    with stream:
        yield stream


def _stream(findings: Iterator[Detection]) -> None:
    """Answer line by line: whoever writes into the pipe may wait for it."""
    for finding in findings:
        sys.stdout.buffer.write(line_of(finding))
        sys.stdout.buffer.flush()


def _write_whole(findings: Iterator[Detection], file: str, output: Path | None) -> None:
    """Write all findings once the last text was read, so that nothing is half-written."""
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES) as spool:
        count = 0
        for finding in findings:
            spool.write(line_of(finding))
            count += 1
        if not count:
            raise InputError("there is no text in it", where=file)
        spool.seek(0)
        if output is None:
            for piece in iter(lambda: spool.read(1 << 20), b""):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        new = output.with_name(f".{output.name}.part")
        try:
            with new.open("wb") as stream:
                for piece in iter(lambda: spool.read(1 << 20), b""):
                    stream.write(piece)
            new.replace(output)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise OutputError(f"cannot be written: {error.strerror}", where=str(output)) from error
