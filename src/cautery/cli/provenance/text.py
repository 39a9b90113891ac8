"""``cautery provenance text``: say whose keys marked a text, with a certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def text(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    profile: Annotated[tuple[Path, ...], Parameter(negative="")],
    keys: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    ring: Path | None = None,
    epoch: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    accounts: Path | None = None,
    campaign: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Say whose keys marked a text: every profile, epoch and key, corrected together.

    Keys come from key files, one for each profile in the same order, or from a ring, which derives
    the shared key and those of accounts and campaigns for each epoch of the profile.

    Args:
        file: A text, or a JSON file of one object with token_ids or text; .jsonl has one a line;
            - is a text on standard input.
        profile: A profile; may be given several times.
        keys: The key file of a profile; as many as profiles, in their order.
        ring: The key ring to derive from instead.
        epoch: An epoch of the ring; all that can verify if left out.
        accounts: Table with a column account_id (CSV): the accounts to tell apart.
        campaign: A campaign with a key of its own; may be given several times.
        output: Write the certificate here, as JSON; one a line for .jsonl.
        output_format: json prints the certificate instead of a summary.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.text_run import certify_file, keys_of

    tested = keys_of(profile, keys, ring, epochs=epoch, accounts=accounts, campaigns=campaign)
    lines = certify_file(file, tested, output, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
