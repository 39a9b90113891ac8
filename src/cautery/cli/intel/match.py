"""``cautery intel match``: private matching with one peer, by three files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

match: Final = App(
    name="match",
    help="Find out with one peer which values both know, showing none of the others.",
    help_format="plaintext",
)
"""The verb; its own verbs are below, in the order in which they are used."""

Output = Annotated[Path, Parameter(name=["--output", "-o"])]


@match.command
def request(values: Path, *, output: Output, secret: Path) -> int:
    """Ask a peer: write a file for it that shows how many values one has, and none of them.

    Args:
        values: CSV with kind,value, as `cautery intel values` writes it.
        output: The request, for the peer.
        secret: What reads the peer's answer; for its owner only, and for one request.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.matching_run import write_request

    return write_request(values, output, secret)


@match.command
def respond(request: Path, values: Path, *, output: Output, most: int = 50_000) -> int:
    """Answer a peer: whoever asked learns which of its values are among these, and no other.

    One learns how many values the peer has. Whoever asks about every address there is learns all
    of one's addresses: a bound on the values of a request, and few requests, are what protects.

    Args:
        request: The peer's file.
        values: CSV with kind,value, as `cautery intel values` writes it.
        output: The answer, for the peer.
        most: Values that one request may have.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.matching_run import write_response

    return write_response(request, values, output, most)


@match.command
def result(
    response: Path,
    *,
    secret: Path,
    output: Annotated[Path, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)] = Path(
        "-"
    ),
) -> int:
    """Read a peer's answer: the values that both have, as CSV with kind,value.

    Args:
        response: The peer's file.
        secret: What `cautery intel match request` kept.
        output: The file, or - for standard output.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.matching_run import write_result

    return write_result(response, secret, output)
