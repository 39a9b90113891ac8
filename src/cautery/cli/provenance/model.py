"""``cautery provenance model``: say whether a suspect model learned from marked text."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from cautery.cli.provenance.endpoint_options import SHOWING, ShowingOptions
from cautery.cli.provenance.key_options import KeyOptions
from cautery.cli.provenance.model_options import (
    ASKING,
    MATERIAL,
    RECORDING,
    AskingOptions,
    LedgerOptions,
    MaterialOptions,
)


def model(
    *,
    suspect: str,
    testing: KeyOptions,
    comparing: MaterialOptions = MATERIAL,
    supervised: Annotated[bool, Parameter(negative="")] = False,
    memorisation: float = 1.0,
    control_keys: int = 200,
    asking: AskingOptions = ASKING,
    recording: LedgerOptions = RECORDING,
    showing: ShowingOptions = SHOWING,
) -> int:
    """Say whether a suspect model learned from text that our keys marked, and what would show.

    Tests every epoch, campaign and account key, and the accounts of a campaign together; all are
    corrected together. Prints the chance without the key, the effect with its interval, what this
    sample could show, and the limits.

    Args:
        suspect: Texts of the suspect (JSON lines with text or token_ids; with predictions, of an
            open model), the address of its endpoint, up to the version (https://host/v1), or the
            folder of its weights (needs torch and transformers, and --exposure).
        testing: Which keys are tested for.
        comparing: What of our own the texts are compared with.
        supervised: The texts answer prompts, or follow contexts, that we know were served.
        memorisation: Part of its training data's mark that a copy is taken to repeat, for the
            power curve.
        control_keys: Keys that marked nothing, scored beside the likeliest key.
        asking: How an endpoint is asked.
        recording: Where the report is recorded.
        showing: Where the report goes.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.model_run import Request, run_model
    from cautery.cli.provenance.text_run import keys_of

    request = Request(
        suspect=suspect,
        tested=keys_of(testing),
        exposure=comparing.exposure,
        reference=comparing.reference,
        case=comparing.case,
        supervised=supervised,
        memorisation=memorisation,
        control_keys=control_keys,
        asking=asking,
        recording=recording,
        showing=showing,
    )
    lines = run_model(request)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
