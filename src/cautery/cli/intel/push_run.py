"""What the verb ``cautery intel push`` does."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cautery.cli.exits import Exit, printable
from cautery.cli.intel.peer_options import PeerOptions
from cautery.cli.intel.peer_run import connect
from cautery.errors import UsageError
from cautery.intel.taxii.pushing import Pushed, push, read_bundles
from cautery.records.indicator import Tlp

_MOST_SHOWN: Final = 20


def push_files(
    url: str,
    options: PeerOptions,
    paths: Sequence[Path],
    *,
    ceiling: Tlp,
    unmarked: Tlp,
    output_format: str,
) -> int:
    """Push bundles and say what became of each object.

    Args:
        url: Of the collection.
        options: How the server is reached.
        paths: The bundles.
        ceiling: The strictest label that is sent.
        unmarked: Label of what is not marked.
        output_format: ``human`` or ``json``.

    Returns:
        The exit code.

    Raises:
        UsageError: No bundle is named.
    """
    if not paths:
        raise UsageError("no bundle is named", hint="See: cautery intel push --help")
    objects = read_bundles(paths)
    connection = connect(url, options)
    try:
        pushed = push(connection, objects, ceiling=ceiling, unmarked=unmarked)
    finally:
        connection.close()
    _tell(pushed, output_format)
    return Exit.UNREADABLE if pushed.refused or pushed.pending else Exit.RAN


def _tell(pushed: Pushed, output_format: str) -> None:
    if output_format == "json":
        refused = [{"id": one.object_id, "reason": one.reason} for one in pushed.refused]
        print(json.dumps({"taken": pushed.taken, "pending": pushed.pending, "refused": refused}))
        return
    print(f"taken: {pushed.taken}, refused or not sent: {len(pushed.refused)}")
    for one in pushed.refused[:_MOST_SHOWN]:
        print(printable(f"  {one.object_id[:120]}: {one.reason[:300]}"), file=sys.stderr)
    if len(pushed.refused) > _MOST_SHOWN:
        print(f"  and {len(pushed.refused) - _MOST_SHOWN} more", file=sys.stderr)
    if pushed.pending:
        print(f"  the server has not said of {pushed.pending} yet", file=sys.stderr)
