"""What ``cautery watermark detect`` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.cli.given_files import STANDARD_INPUT, opened
from cautery.cli.watermark.line_files import write_whole
from cautery.errors import ConfigurationError
from cautery.records.detection import Detection, Verdict, chance_text
from cautery.watermark.key_file import load_keys
from cautery.watermark.profile import caveat_of, load_profile
from cautery.watermark.verification import verify_texts

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
    if caveat := caveat_of(loaded):
        print(f"note: {caveat}", file=sys.stderr)
    with opened(file) as stream:
        findings = verify_texts(loaded, tested, stream, file, across_texts=across_texts)
        if output is None and file == STANDARD_INPUT:
            _stream(findings)
        else:
            write_whole(map(line_of, findings), file, output)
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


def _stream(findings: Iterator[Detection]) -> None:
    """Answer line by line: whoever writes into the pipe may wait for it."""
    for finding in findings:
        sys.stdout.buffer.write(line_of(finding))
        sys.stdout.buffer.flush()
