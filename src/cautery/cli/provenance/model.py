"""``cautery provenance model``: say whether a suspect model learned from marked text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskingOptions:
    """How an endpoint is asked; of no use for files."""

    model: str = ""
    """Name of the suspect model, as its endpoint knows it."""
    prompts: Path | None = None
    """Prompts to ask: JSON lines with id and prompt, or one prompt a line (.txt). Those of the
    exposure if left out, which makes the test supervised."""
    state: Path | None = None
    """File that keeps the answers; the same command goes on where it ended."""
    api_key_file: Path | None = None
    """File with the key of the endpoint."""
    style: Literal["chat", "completions"] = "chat"
    """Which part of the interface is asked."""
    max_tokens: int = 256
    """Tokens that an answer may have."""
    temperature: float = 1.0
    """Temperature that is asked for."""
    most_requests: int = 1_000
    """Limit of requests, over all runs."""
    most_output_tokens: int = 250_000
    """Limit of tokens that are answered, over all runs."""
    most_cost: float | None = None
    """Limit of cost, over all runs; needs prices."""
    input_price: float = 0.0
    """Price of a million tokens of prompts."""
    output_price: float = 0.0
    """Price of a million tokens of answers."""
    timeout_seconds: float = 120.0
    """Time for one whole answer."""
    estimate_only: Annotated[bool, Parameter(negative="")] = False
    """Say what would be asked and what it may cost, and ask nothing."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LedgerOptions:
    """Where a report is recorded."""

    ledger: Path | None = None
    """Ledger that the report is appended to."""
    ledger_key: Path | None = None
    """Key of the ledger."""


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
            open model), or the address of its endpoint, up to the version (https://host/v1).
        profile: A profile; may be given several times.
        keys: The key file of a profile; as many as profiles, in their order.
        ring: The key ring to derive from instead.
        epoch: An epoch of the ring; all that can verify if left out.
        accounts: Table with a column account_id (CSV): the accounts to test for.
        campaign: A campaign with a key of its own; may be given several times.
        exposure: Our own marked answers (JSON lines, or the table of `cautery ingest`): only
            contexts that occur there count, and the teacher's mark is measured on them.
        case: Folder of a scan, or its case.json: which accounts are of one campaign.
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
