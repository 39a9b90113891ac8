"""``cautery calibrate``: learn from campaigns that people confirmed or dismissed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def calibrate(
    decisions: Path,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """Compare the chances of scans with what people decided, and learn a correction.

    Shows claimed and confirmed shares by band with 95 % intervals, and what the correction would
    change, before anything is written. Give the file to `cautery scan --calibration FILE`; the
    correction is then a row of every waterfall.

    Args:
        decisions: CSV with case,campaign_id,decision: the folder of a scan's results, a campaign
            in it, and confirmed or dismissed.
        output: Write the correction here, if its interval leaves out zero.

    Returns:
        The exit code.
    """
    from cautery.cli.calibrate_run import run_calibration

    sys.stdout.writelines(f"{line}\n" for line in run_calibration(decisions, output))
    return 0
