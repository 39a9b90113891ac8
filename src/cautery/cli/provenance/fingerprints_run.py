"""What the verbs of ``cautery provenance fingerprints`` do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.cli.exits import printable
from cautery.cli.given_files import read_whole
from cautery.cli.provenance.text_run import MAX_TEXT_BYTES
from cautery.errors import MalformedFileError, MissingColumnError, NoInputError
from cautery.ledger.fingerprint_store import FingerprintMatch, FingerprintStore, GivenText
from cautery.plain_files import require_plain
from cautery.records.key import Secret
from cautery.watermark.key_keeping import KeyKeeper

COLUMNS: Final = ("request_id", "account_id", "time_start", "output_text")
_ROWS_AT_ONCE: Final = 4_096


def add_answers(exchanges: Path, store: Path, ring: Path, epoch: str) -> int:
    """Add the answers of an exchange table; see the verb ``add``."""
    table = _table(exchanges)  # before the store is made: a wrong file leaves none behind
    with closing(FingerprintStore(store, epoch, _key(ring, epoch))) as opened:
        return opened.add(_answers(table))


def find_answers(file: str, store: Path, ring: Path, epoch: str, output_format: str) -> list[str]:
    """Look a text up; see the verb ``find``."""
    text = read_whole(file, MAX_TEXT_BYTES).decode("utf-8", errors="replace")
    if not store.exists():
        raise NoInputError("there is no such store", where=str(store))
    with closing(FingerprintStore(store, epoch, _key(ring, epoch))) as opened:
        matches = opened.look_up(text)
    if output_format == "json":
        return [msgspec.json.encode(match).decode() for match in matches]
    return [_words(match) for match in matches] or ["no answer of this epoch shares enough of it"]


def _key(ring: Path, epoch: str) -> Secret:
    keeper = KeyKeeper(path=ring, clock=lambda: datetime.now(UTC), reason="fingerprints")
    return keeper.fingerprint_key(epoch)


def _table(path: Path) -> Any:
    """Open an exchange table that has answers."""
    import pyarrow as pa
    from pyarrow import parquet

    require_plain(path)
    try:
        file = parquet.ParquetFile(path)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except pa.ArrowException as error:
        raise MalformedFileError(f"not a Parquet file: {error}", where=str(path)) from error
    there = set(file.schema_arrow.names)
    if missing := [name for name in COLUMNS if name not in there]:
        raise MissingColumnError(
            f"there is no column {missing[0]}",
            where=str(path),
            hint="Give the table that cautery ingest writes, without --drop-text.",
        )
    return file


def _answers(table: Any) -> Iterator[GivenText]:
    """Read the answers, batch by batch."""
    for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE, columns=list(COLUMNS)):
        for row in batch.to_pylist():
            if row["output_text"]:
                yield GivenText(
                    request_id=row["request_id"] or "",
                    account_id=row["account_id"] or "",
                    time_start=row["time_start"].isoformat() if row["time_start"] else "",
                    text=row["output_text"],
                )


def _words(match: FingerprintMatch) -> str:
    share = f"{match.shared} of {match.snippet_fingerprints} fingerprints"
    how = "the whole answer" if match.exact else share
    words = f"{match.request_id}  account {match.account_id}  {match.time_start}  {how}"
    return printable(words)
