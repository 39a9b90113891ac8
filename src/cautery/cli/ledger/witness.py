"""``cautery ledger witness``: have somebody else sign that the ledger only grows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

witness: Final = App(
    name="witness",
    help="Have somebody else sign that the ledger only grows, or sign it.",
    help_format="plaintext",
)
"""The verb; its own verbs are below."""

Output = Annotated[Path, Parameter(name=["--output", "-o"])]


@witness.command
def key(file: Path, *, name: str) -> int:
    """Draw a witness's key, on the witness's machine.

    Args:
        file: The new file, for its owner only; FILE.pub is its public key.
        name: Name of the witness, like example.org/witness.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.anchoring_run import new_witness_key

    return new_witness_key(file, name)


@witness.command
def request(folder: Path, *, output: Output, old_size: int = 0) -> int:
    """Write a request for the current checkpoint: what a witness takes (C2SP tlog-witness).

    Args:
        folder: The ledger's folder.
        output: The request's file.
        old_size: Records that the witness has signed for already; it says so if asked wrongly.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.anchoring_run import write_witness_request

    return write_witness_request(folder, output, old_size)


@witness.command
def sign(request: Path, *, key: Path, public_key: Path, state: Path, output: Output) -> int:
    """Sign a request as a witness, if the ledger only grew since the last one.

    Args:
        request: The request's file.
        key: The witness's signing key.
        public_key: The ledger's public key, as it was handed out.
        state: File of what was signed last; made if it is not there. Never lose it.
        output: The answer's file.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.anchoring_run import sign_as_witness

    return sign_as_witness(request, key, public_key, state, output)


@witness.command
def add(folder: Path, answer: Path, *, public_key: Path) -> int:
    """Keep a witness's answer with the checkpoint that it signed; packs carry it from then on.

    Args:
        folder: The ledger's folder.
        answer: The answer's file.
        public_key: The witness's public key.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.anchoring_run import keep_answer

    print(keep_answer(folder, answer, public_key), file=sys.stderr)
    return 0
