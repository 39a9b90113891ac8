"""``cautery ingest``: read access logs into one exchange table, without scanning."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from cautery.cli.log_options import READING_FIELDS, FieldOptions

DEFAULT_OUTPUT: Final = Path("exchanges.parquet")
"""Where the table goes if nobody says where."""


def ingest(
    *logs: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = DEFAULT_OUTPUT,
    reading: FieldOptions = READING_FIELDS,
    drop_text: Annotated[bool, Parameter(negative="")] = False,
    processes: int | None = None,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Read access logs into one exchange table, which `cautery scan` reads fastest.

    Args:
        logs: Files, folders or globs; - is standard input.
        output: The Parquet file to write.
        reading: How logs are read.
        drop_text: Leave prompts and answers out; their sketches stay.
        processes: Processes that read the lines of long logs; as many as processors, at most
            eight, if not given. The table is the same for any number.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.ingest_run import run_ingest
    from cautery.cli.progress import progress_for

    options = reading.ingest_options(logs, drop_text=drop_text, processes=processes)
    with progress_for(sys.stderr, silent=no_progress) as progress:
        return run_ingest(options, output, sys.stderr, progress)
