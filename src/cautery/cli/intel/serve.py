"""``cautery intel serve``: a sharing server for peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def serve(
    configuration: Path,
    *,
    check: Annotated[bool, Parameter(negative="")] = False,
    new_token: str = "",
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Serve collections to peers over TAXII 2.1, until it is told to stop.

    Objects come back byte for byte as they were pushed, and none above a collection's ceiling of
    the Traffic Light Protocol is taken or served. The log on standard error is one JSON object a
    line; standard output says the port once it is served.

    Args:
        configuration: The TOML file.
        check: Only name everything that is wrong in the configuration, each with its line.
        new_token: Only draw a token for this peer, keep its digest, and print it, once.
        output_format: How --check answers; json prints one object with the faults.

    Returns:
        The exit code; with --check 0 if it can be served by, 3 if anything is wrong.
    """
    from cautery.cli.intel.serve_run import check_file, make_token, serve_file

    if check:
        return check_file(configuration, output_format)
    if new_token:
        return make_token(configuration, new_token)
    return serve_file(configuration)
