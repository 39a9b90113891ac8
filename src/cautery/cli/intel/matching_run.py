"""What ``cautery intel values`` and ``cautery intel match`` do."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cautery.cli.exits import printable
from cautery.cli.intel.own_files import refuse_other, write_own
from cautery.errors import NoInputError, OutputError, UsageError
from cautery.intel.limits import MOST_FILE_BYTES
from cautery.intel.private_matching import answer, ask, overlap
from cautery.intel.sharing_choices import NO_KEY, withheld_because
from cautery.intel.values_file import read_values, values_csv
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.plain_files import open_plain
from cautery.records.key import Secret

if TYPE_CHECKING:
    from cautery.cli.intel.sharing_run import ShareRequest

_OWNER_ONLY = 0o600


def write_values(request: ShareRequest, output: Path) -> int:
    """Write values down; see the verb ``values``."""
    from cautery.cli.intel.sharing_run import read_material
    from cautery.intel.bulletins import shared_campaigns
    from cautery.intel.keyed_values import normal_value

    refuse_other(output, "values")
    material = read_material(request)
    shared = {each.campaign_id for each in shared_campaigns(material.case, material.choices)}
    rows = [
        (row.kind, normal_value(row.kind, row.value))
        for row in material.observables
        if row.kind != "template"
        and withheld_because(row, shared, material.key, material.choices) in {"", NO_KEY}
    ]
    content = values_csv(row for row in rows if row[1])
    write_own(output, content.encode(), "values", mode=_OWNER_ONLY)
    count = content.count("\n") - 1
    print(f"wrote {printable(str(output))}: {count:,} values in clear, keep it", file=sys.stderr)
    return 0


def write_request(values: Path, output: Path, secret: Path) -> int:
    """Ask a peer; see ``match request``."""
    if os.path.lexists(secret):
        raise OutputError(
            "there is such a file, and a secret is not overwritten", where=str(secret)
        )
    if output.resolve() == secret.resolve():
        raise UsageError("the request is for the peer and the secret is not: give two files")
    refuse_other(output, "request")
    rows = read_values(values)
    asked = ask(rows)
    with output_errors(secret):
        write_durably(secret, asked.kept.reveal(), mode=_OWNER_ONLY)
    write_own(output, asked.request, "request")
    print(
        f"wrote {printable(str(output))} about {len(rows):,} values, for the peer, and "
        f"{printable(str(secret))}, for yourself",
        file=sys.stderr,
    )
    return 0


def write_response(request: Path, values: Path, output: Path, most: int) -> int:
    """Answer a peer; see ``match respond``."""
    refuse_other(output, "response")
    answered = answer(_content(request), str(request), read_values(values), most)
    write_own(output, answered.response, "response")
    print(
        f"wrote {printable(str(output))}: the peer asked about {answered.asked:,} values and "
        "learns which of them you have",
        file=sys.stderr,
    )
    return 0


def write_result(response: Path, secret: Path, output: Path) -> int:
    """Read a peer's answer; see ``match result``."""
    kept = Secret(_content(secret))
    found = overlap(_content(response), str(response), kept, str(secret))
    content = values_csv(found) if found else "kind,value\n"
    if str(output) == "-":
        sys.stdout.write("".join(f"{printable(line)}\n" for line in content.splitlines()))
    else:
        write_own(output, content.encode(), "values", mode=_OWNER_ONLY)
    print(f"{len(found):,} values that both have", file=sys.stderr)
    return 0


def _content(path: Path) -> bytes:
    try:
        with open_plain(path) as stream:
            return stream.read(2 * MOST_FILE_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
