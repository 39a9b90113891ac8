"""``cautery provenance fingerprints``: keep fingerprints of answers, and find text among them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

fingerprints: Final = App(
    name="fingerprints",
    help="Keep fingerprints of answers, and find a piece of text among them.",
    help_format="plaintext",
)
"""The verb; its own verbs are below."""


@fingerprints.command
def add(exchanges: Path, *, store: Path, ring: Path, epoch: str) -> int:
    """Add the answers of an exchange table; no text is kept, and nothing without the epoch's key.

    Args:
        exchanges: A Parquet file of `cautery ingest`, with answers.
        store: The store of the epoch; made if it is not there.
        ring: The key ring that the epoch is in.
        epoch: The epoch; destroying it makes its fingerprints useless.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.fingerprints_run import add_answers

    added = add_answers(exchanges, store, ring, epoch)
    print(f"added {added:,} answers to {store}", file=sys.stderr)
    return 0


@fingerprints.command
def find(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    store: Path,
    ring: Path,
    epoch: str,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Find the answers that a piece of text may come from.

    Args:
        file: The text; - is standard input.
        store: The store of the epoch.
        ring: The key ring that the epoch is in.
        epoch: The epoch.
        output_format: json writes one line a match.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.fingerprints_run import find_answers

    lines = find_answers(file, store, ring, epoch, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
