"""Files that `cautery intel` writes: whole or not at all, and never over somebody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

OPENINGS: Final = {
    "stix": b'{"type":"bundle","id":"bundle--',
    "misp": b'{"Event":{"uuid":"',
    "csv": b"indicator_id,kind,form,value,key_id,",
    "sigma": b"# Sigma rules by cautery.",
    "values": b"kind,value\n",
    "request": b'{"schema":"cautery.psi/1","step":"request"',
    "response": b'{"schema":"cautery.psi/1","step":"response"',
}
"""How each kind of file begins; a sharing format by its name."""

_HINT: Final = "Choose another file with -o."


def write_own(path: Path, content: bytes, kind: str, *, mode: int = 0o644) -> None:
    """Write a file, unless another one that is not of its kind is there.

    Args:
        path: The file; an earlier one of the same kind is replaced.
        content: What to write.
        kind: One of ``OPENINGS``; a sharing format of another package begins as it likes, and
            replaces nothing.
        mode: Who may read it.

    Raises:
        OutputError: Somebody else's file is there, or it cannot be written.
    """
    from cautery.ledger.durable_files import output_errors, write_durably

    refuse_other(path, kind)
    with output_errors(path):
        write_durably(path, content, mode=mode)


def refuse_other(path: Path, kind: str) -> None:
    """Make sure that a file may be written; see ``write_own``.

    Raises:
        OutputError: Somebody else's file is there, or it cannot be looked at.
    """
    from cautery.report.page.files import refuse_other_file

    opening = OPENINGS.get(kind, b"\0")
    refuse_other_file(path, opening, what=f"what cautery writes here ({kind})", hint=_HINT)
