"""What a scan is given besides logs: what was learned, what words mean, what peers named."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cautery.ports import Recogniser
    from cautery.records.calibration import LocalCalibration
    from cautery.scan.static_embedding import StaticEmbedding


def calibration_of(path: Path | None) -> LocalCalibration | None:
    """Read what was learned from decided cases; None for nothing."""
    if path is None:
        return None
    from cautery.cli.calibrate_run import read_calibration
    from cautery.scan.evidence import WEIGHTS_VERSION

    return read_calibration(path, WEIGHTS_VERSION)


def embedding_of(folder: Path | None) -> StaticEmbedding | None:
    """Read an embedding; None for none."""
    if folder is None:
        return None
    from cautery.scan.static_embedding import StaticEmbedding

    return StaticEmbedding(folder)


def recogniser_of(store: Path | None, keys: Sequence[Path], messages: TextIO) -> Recogniser | None:
    """Read what peers named.

    Args:
        store: The store of indicators; None for none.
        keys: Key files of sharing groups.
        messages: Told how many indicators hold, and how many say nothing for want of a key.

    Returns:
        Knows the indicators that hold now; None without a store.

    Raises:
        UsageError: There are keys and no store.
        CauteryError: A file cannot be read.
    """
    from cautery.errors import UsageError

    if store is None:
        if keys:
            raise UsageError("keys need indicators", where="--sharing-keys", hint="--indicators.")
        return None
    from contextlib import closing

    from cautery.cli import clock
    from cautery.intel.epoch_keys import load_keys
    from cautery.intel.indicator_store import IndicatorStore
    from cautery.intel.recogniser import IndicatorBook

    now = clock.now()
    with closing(IndicatorStore(store)) as kept:
        book = IndicatorBook(kept.live(now), [load_keys(path) for path in keys], now)
    words = f"indicators: {book.count:,} hold now"
    if book.without_key:
        words = f"{words}, {book.without_key:,} more are keyed and their keys are in no key file"
    print(words, file=messages)
    return book
