"""What the verb ``cautery intel pull`` does."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Final

from cautery.cli.exits import Exit, printable
from cautery.cli.intel.peer_options import PeerOptions
from cautery.cli.intel.peer_run import connect
from cautery.errors import UsageError
from cautery.intel.taxii.pulling import pull
from cautery.intel.taxii.timestamps import version_key

_TYPE: Final = re.compile(r"[a-z][a-z0-9-]{1,248}[a-z0-9]")


def pull_into(
    url: str,
    options: PeerOptions,
    folder: Path,
    *,
    types: tuple[str, ...],
    since: str,
    output_format: str,
) -> int:
    """Fetch what is new, and say what came.

    Args:
        url: Of the collection.
        options: How the server is reached.
        folder: Where to.
        types: STIX types to fetch; empty for all.
        since: Time to begin after at the first call; empty for the beginning.
        output_format: ``human`` or ``json``.

    Returns:
        The exit code.

    Raises:
        UsageError: A type or the time is none.
    """
    if since and version_key(since) is None:
        raise UsageError("must be a time as in 2026-01-02T03:04:05Z", where="--since")
    if not all(_TYPE.fullmatch(one) for one in types):
        raise UsageError("must be STIX types as in indicator", where="--type")
    connection = connect(url, options)
    try:
        pulled = pull(connection, folder, types=types, since=since)
    finally:
        connection.close()
    if output_format == "json":
        document = {
            "objects": pulled.objects,
            "files": [str(path) for path in pulled.files],
            "complete": pulled.complete,
            "note": pulled.note,
        }
        print(json.dumps(document))
        return Exit.RAN
    print(f"objects: {pulled.objects}, bundles: {len(pulled.files)} in {printable(str(folder))}")
    if not pulled.complete:
        print("there is more: run the same command again", file=sys.stderr)
    if pulled.note:
        print(pulled.note, file=sys.stderr)
    return Exit.RAN
