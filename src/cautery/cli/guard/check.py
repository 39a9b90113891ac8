"""``cautery guard check``: name everything that is wrong in a configuration file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal


def check(
    configuration: Path,
    *,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Check a configuration file, and name everything that is wrong in it, each with its line.

    Files and folders that it names are looked for, and secrets and certificates are read. A file
    without [upstream] and [decision_service] is checked as that of a guard inside another server:
    the ASGI middleware, or LiteLLM's plug-in.

    Args:
        configuration: The TOML file.
        output_format: json prints one object with the faults.

    Returns:
        The exit code: 0 if it can be used, 3 if anything is wrong.
    """
    from cautery.cli.guard.check_run import check_lines

    lines, code = check_lines(configuration, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code
