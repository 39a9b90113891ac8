"""What ``cautery watermark calibrate`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cautery.cli.exits import printable
from cautery.cli.given_files import opened
from cautery.errors import InputError, UsageError
from cautery.watermark.calibration import (
    FEWEST_KEYS,
    CalibrationReport,
    Holds,
    ModeRates,
    Rate,
    calibrate_texts,
)
from cautery.watermark.profile import Profile, load_profile
from cautery.watermark.verification import plan_of, text_lines_of

MOST_TOKENS: Final = 50_000_000
"""Tokens of all texts together: they are held in memory, half a gigabyte at most."""
MOST_KEYS: Final = 100_000


def calibration_lines(
    file: str, path: Path, wrong_keys: int, seed: int, output_format: str
) -> list[str]:
    """Calibrate on the texts of a file; see the verb ``calibrate``."""
    if not FEWEST_KEYS <= wrong_keys <= MOST_KEYS:
        raise UsageError(f"--wrong-keys must be from {FEWEST_KEYS} to {MOST_KEYS:,}")
    if seed < 0:
        raise UsageError("--seed must not be negative")
    profile = load_profile(path)
    report = calibrate_texts(plan_of(profile), _texts(profile, file), wrong_keys, seed)
    if output_format == "json":
        return [msgspec.json.encode(document(report, profile)).decode()]
    return [printable(line) for line in summary(report, profile)]


def _texts(profile: Profile, file: str) -> list[NDArray[np.int64]]:
    texts: list[NDArray[np.int64]] = []
    total = 0
    with opened(file) as stream:
        for suspect in text_lines_of(profile, file).read(stream):
            if suspect.tokens is None:
                raise InputError(
                    "a text, and the profile names no tokenizer",
                    where=suspect.where,
                    hint="Name the engine's tokenizer.json in the profile, or give token_ids.",
                )
            total += len(suspect.tokens)
            if total > MOST_TOKENS:
                raise InputError(f"more than {MOST_TOKENS:,} tokens", where=suspect.where)
            texts.append(suspect.tokens)
    if not texts:
        raise InputError("there is no text in it", where=file)
    return texts


def document(report: CalibrationReport, profile: Profile) -> dict[str, Any]:
    """Lay the report out for programs.

    Args:
        report: The report.
        profile: The profile that it is of.

    Returns:
        What ``--output-format json`` writes.
    """
    return {
        "profile": profile.name,
        "scheme": profile.scheme.name,
        "deduplicate": str(report.used),
        "texts": report.texts,
        "tokens": report.tokens,
        "wrong_keys": report.wrong_keys,
        "holds": str(_worst(report.own.alone)),
        "holds_across_texts": str(_worst(report.own.across)),
        "tokens_scored_across_texts": report.own.tokens_scored_across,
        "rates_across_texts": _rows(report.own.across),
        "advised_deduplicate": str(report.advised) if report.advised else None,
        "modes": [
            {
                "deduplicate": str(mode.deduplicate),
                "tokens_scored": mode.tokens_scored,
                "rates": _rows(mode.alone),
            }
            for mode in report.modes
        ],
    }


def _rows(rates: Sequence[Rate]) -> list[dict[str, Any]]:
    return [
        {
            "level": rate.realised.level,
            "trials": rate.realised.trials,
            "false_positives": rate.realised.false_positives,
            "rate": rate.realised.rate,
            "low": rate.realised.low,
            "high": rate.realised.high,
            "times_nominal": rate.realised.times_nominal,
            "holds": str(rate.holds),
        }
        for rate in rates
    ]


def summary(report: CalibrationReport, profile: Profile) -> list[str]:
    """Say it for people.

    Args:
        report: The report.
        profile: The profile that it is of.

    Returns:
        Lines.
    """
    lines = [
        (
            f"{profile.scheme.name}: {report.wrong_keys:,} wrong keys on {report.texts:,} texts, "
            f"{report.tokens:,} tokens"
        ),
    ]
    for mode in report.modes:
        own = "  <- the profile's" if mode.deduplicate is report.used else ""
        lines += ["", f"deduplicate {mode.deduplicate}{own}", *_tables(mode)]
    return [*lines, "", *_conclusion(report)]


def _tables(mode: ModeRates) -> list[str]:
    parts = [("each text by itself", mode.alone, mode.tokens_scored)]
    if mode.across:
        parts.append(("repetitions across texts left out", mode.across, mode.tokens_scored_across))
    lines = []
    for name, rates, tokens in parts:
        lines.append(f"  {name}, {tokens:,.0f} tokens scored on average")
        lines += [_row(rate) for rate in rates]
    return lines


def _row(rate: Rate) -> str:
    found = rate.realised
    return (
        f"    at {found.level:g}: {found.rate:.2e} ({found.low:.2e} to {found.high:.2e}), "
        f"{found.times_nominal:.2f} times nominal: {rate.holds}"
    )


def _conclusion(report: CalibrationReport) -> list[str]:
    worst, across = _worst(report.own.alone), _worst(report.own.across)
    used, advised = report.used, report.advised
    if worst is Holds.NO:
        lines = [f"The nominal false-positive rate does not hold on these texts with {used}."]
        if advised is None:
            lines.append("It holds with none of the four: believe no p-value on this traffic.")
        else:
            lines.append(f'Set "deduplicate": "{advised}" in the profile.')
        return lines
    if worst is Holds.UNKNOWN:
        lines = [f"Nothing speaks against {used}, but there are too few trials for every level."]
        lines.append("Give more texts or --wrong-keys.")
    else:
        lines = [f"The nominal false-positive rate holds on these texts with {used}."]
    if across is Holds.NO:
        lines.append("It does not hold with --across-texts.")
    return lines


def _worst(rates: Sequence[Rate]) -> Holds:
    found = {rate.holds for rate in rates}
    return next(holds for holds in (Holds.NO, Holds.UNKNOWN, Holds.YES) if holds in found)
