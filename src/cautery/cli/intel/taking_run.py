"""What the verbs ``import`` and ``show`` of ``cautery intel`` do."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from cautery.cli import clock
from cautery.cli.exits import printable
from cautery.cli.given_files import read_whole
from cautery.errors import MalformedFileError, UsageError
from cautery.intel.indicator_store import IndicatorStore, Taken
from cautery.intel.limits import MOST_FILE_BYTES, OPENING_BYTES
from cautery.registry import SHARING_FORMATS

if TYPE_CHECKING:
    from cautery.ports.sharing import SharingFormat
    from cautery.records.bulletin import Received
    from cautery.records.indicator import Indicator

SHOWN_SKIPPED = 5
"""Passed-over parts that are named."""


def take_file(file: str, peer: str, format_name: str, store: Path) -> int:
    """Take a file in; see the verb ``import``."""
    where = "standard input" if file == "-" else file
    if format_name == "auto":
        content = _read(file, where)
        sharing = _recognised(content, where)
    else:
        sharing = SHARING_FORMATS.load(format_name)
        if not sharing.reads:
            raise UsageError(
                f"{format_name} is only written", hint="See `cautery list sharing` for the others."
            )
        content = _read(file, where)
    received = sharing.read(content, where)
    with closing(IndicatorStore(store, create=True)) as kept:
        taken = kept.add(received, peer=peer, now=clock.now())
    for line in taken_lines(received, taken, peer):
        print(printable(line), file=sys.stderr)
    return 0


def _recognised(content: bytes, where: str) -> SharingFormat:
    reading = [
        each for name in SHARING_FORMATS.names() if (each := SHARING_FORMATS.load(name)).reads
    ]
    for each in reading:
        if each.recognises(content[:OPENING_BYTES]):
            return each
    names = ", ".join(each.name for each in reading)
    raise MalformedFileError(
        f"it does not begin as any format that is read: {names}",
        where=where,
        hint="Give --format, to be told what is wrong with it.",
    )


def taken_lines(received: Received, taken: Taken, peer: str) -> list[str]:
    """Say what became of a peer's file.

    Args:
        received: The file, as it was read.
        taken: What became of its indicators.
        peer: Who gave it.

    Returns:
        Lines for people; texts in them are not yet escaped.
    """
    counts = [(field.name, getattr(taken, field.name)) for field in fields(Taken)]
    words = ", ".join(f"{count:,} {name}" for name, count in counts if count)
    lines = [f"{taken.total:,} indicators of {peer}: {words or 'nothing in it'}"]
    if received.skipped_count:
        lines.append(f"passed over {received.skipped_count:,} that nothing here looks for")
        lines += [f"  {each.place}: {each.reason}" for each in received.skipped[:SHOWN_SKIPPED]]
    return lines


def show_store(path: Path, peer: str, *, everything: bool, machine: bool) -> int:
    """Show a store; see the verb ``show``."""
    import json

    import msgspec

    with closing(IndicatorStore(path)) as kept:
        found = kept.everything() if everything else kept.live(clock.now())
    shown = [one for one in found if peer in {"", one.given_by}]
    if machine:
        for one in shown:
            # ASCII throughout, so that no terminal acts on a peer's text.
            sys.stdout.write(f"{json.dumps(msgspec.to_builtins(one))}\n")
        return 0
    for one in shown:
        print(printable(_line(one)))
    print(f"{len(shown):,} indicators", file=sys.stderr)
    return 0


def _line(one: Indicator) -> str:
    value = one.value if one.form == "clear" else f"{one.value[:12]}... under {one.key_id}"
    state = ", taken back" if one.revoked else ""
    return (
        f"{one.given_by}: {one.kind.replace('_', ' ')} {value}, confidence {one.confidence}, "
        f"until {one.valid_until[:10]}, TLP:{one.tlp.upper()}{state}, said by {one.source}"
    )


def forget_peer(path: Path, peer: str) -> int:
    """Drop what a peer gave; see ``show --forget``."""
    with closing(IndicatorStore(path)) as kept:
        count = kept.forget(peer)
    print(f"dropped {count:,} indicators of {printable(peer)}", file=sys.stderr)
    return 0


def _read(file: str, where: str) -> bytes:
    return read_whole(
        file,
        MOST_FILE_BYTES,
        where=where,
        hint="Nothing of it was taken. Ask the peer for less at once.",
        error_type=MalformedFileError,
    )
