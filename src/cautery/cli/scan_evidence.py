"""Evidence of daily scans in a state folder: groups as they were fixed, and their e-values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from cautery.cli.kept_state import reading_kept
from cautery.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.scan.watching import Watch, WatchedGroup

EVIDENCE_SCHEMA: Final = "cautery.evidence/1"
EVIDENCE_FILE: Final = "evidence.json"


def known_watch(state_folder: Path) -> Watch:
    """Read what the scan before fixed.

    Args:
        state_folder: Folder of the state.

    Returns:
        Its groups with their evidence; none if there was no scan before.

    Raises:
        ConfigurationError: The file is damaged.
    """
    import msgspec

    from cautery.scan.watching import NO_WATCH, Watch

    path = state_folder / EVIDENCE_FILE
    if not path.is_file():
        return NO_WATCH
    with reading_kept(path, "the evidence of daily scans then begins anew"):
        document = msgspec.json.decode(path.read_bytes())
        _check_schema(document["schema"])
        return Watch(
            horizon_us=int(document["horizon_us"]),
            ever=int(document["ever"]),
            groups={str(name): _group(row) for name, row in document["groups"].items()},
        )


def _check_schema(schema: Any) -> None:
    if schema != EVIDENCE_SCHEMA:
        raise ValueError(schema)


def _group(row: dict[str, Any]) -> WatchedGroup:
    from cautery.scan.watching import MOST_BITS, TESTS, WatchedGroup

    bits = {test: float(row["bits"][test]) for test in TESTS}
    if not all(-MOST_BITS <= value <= MOST_BITS for value in bits.values()):
        raise ValueError(bits)
    return WatchedGroup(
        accounts=frozenset(map(str, row["accounts"])),
        templates=tuple(map(int, row["templates"])),
        bits=bits,
        observed={str(test): str(text) for test, text in row["observed"].items()},
        highest_bits=min(max(float(row["highest_bits"]), 0.0), MOST_BITS),
        scans=int(row["scans"]),
        since_us=int(row["since_us"]),
    )


def keep_watch(state_folder: Path, watch: Watch) -> None:
    """Write what the next scan tests, whole or not at all.

    Args:
        state_folder: Folder of the state.
        watch: What to write.

    Raises:
        OutputError: It cannot be written.
    """
    from cautery.ingest.state_documents import write_json

    path = state_folder / EVIDENCE_FILE
    document = {
        "schema": EVIDENCE_SCHEMA,
        "horizon_us": watch.horizon_us,
        "ever": watch.ever,
        "groups": {
            name: {**asdict(watch.groups[name]), "accounts": sorted(watch.groups[name].accounts)}
            for name in sorted(watch.groups)
        },
    }
    try:
        write_json(path, document)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(path)
        ) from error
