"""``cautery provenance model``: say whether a suspect model learned from marked text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.cli.provenance.model_options import AskingOptions, LedgerOptions


def model(
    *,
    suspect: str,
    profile: Annotated[tuple[Path, ...], Parameter(negative="")],
    keys: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    ring: Path | None = None,
    epoch: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    accounts: Path | None = None,
    campaign: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    exposure: Path | None = None,
    case: Path | None = None,
    supervised: Annotated[bool, Parameter(negative="")] = False,
    memorisation: float = 1.0,
    control_keys: int = 200,
    asking: AskingOptions | None = None,
    recording: LedgerOptions | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    output_format: Literal["human", "json"] = "human",
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Say whether a suspect model learned from text that our keys marked, and what would show.

    Tests every epoch, campaign and account key, and the accounts of a campaign together; all are
    corrected together. Prints the chance without the key, the effect with its interval, what this
    sample could show, and the limits.

    Args:
        suspect: Texts of the suspect (JSON lines with text or token_ids; with predictions, of an
            open model), the address of its endpoint, up to the version (https://host/v1), or the
            folder of its weights (needs torch and transformers, and --exposure).
        profile: A profile; may be given several times.
        keys: The key file of a profile; as many as profiles, in their order.
        ring: The key ring to derive from instead.
        epoch: An epoch of the ring; all that can verify if left out.
        accounts: Table with a column account_id (CSV): the accounts to test for.
        campaign: A campaign with a key of its own; may be given several times.
        exposure: Our own marked answers (JSON lines, or the table of `cautery ingest`): only
            contexts that occur there count, and the teacher's mark is measured on them.
        case: Folder of a scan, or its case.json: which accounts are of one campaign, and so which
            answers of the exposure were served to it.
        supervised: The texts answer prompts, or follow contexts, that we know were served.
        memorisation: Part of its training data's mark that a copy is taken to repeat, for the
            power curve.
        control_keys: Keys that marked nothing, scored beside the likeliest key.
        asking: How an endpoint is asked.
        recording: Where the report is recorded.
        output: Write the report here, as JSON.
        output_format: json prints the report instead of a summary.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.model_run import Request, run_model
    from cautery.cli.provenance.text_run import keys_of

    tested = keys_of(profile, keys, ring, epochs=epoch, accounts=accounts, campaigns=campaign)
    request = Request(
        suspect=suspect,
        tested=tested,
        exposure=exposure,
        case=case,
        supervised=supervised,
        memorisation=memorisation,
        control_keys=control_keys,
        asking=asking or AskingOptions(),
        recording=recording or LedgerOptions(),
        silent=no_progress,
    )
    lines = run_model(request, output, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
