"""What the verbs that check a configuration say of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from cautery.cli.exits import Exit, printable
from cautery.toml_files import FileFault


def fault_lines(
    path: Path,
    faults: Sequence[FileFault],
    output_format: str,
    *,
    usable: str = "can be served by",
) -> tuple[list[str], Exit]:
    """Say what is wrong in a configuration, or that nothing is.

    Args:
        path: The file.
        faults: What is wrong in it, or in what it names.
        output_format: ``human`` or ``json``.
        usable: What to say to a human of a file with nothing wrong in it.

    Returns:
        Lines to print, and the exit code.
    """
    code = Exit.UNREADABLE if faults else Exit.RAN
    if output_format == "json":
        found = [{"where": one.where, "text": one.text, "hint": one.hint} for one in faults]
        document = {"configuration": str(path), "usable": not faults, "faults": found}
        return [msgspec.json.encode(document).decode()], code
    lines = [str(fault) for fault in faults] or [f"{path}: {usable}"]
    return [printable(line) for line in lines], code
