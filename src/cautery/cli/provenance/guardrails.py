"""``cautery provenance guardrails``: say what safety a suspect lost against its teacher."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cautery.cli.provenance.endpoint_options import SHOWING, ShowingOptions
from cautery.cli.provenance.guardrails_options import ASKING, GuardrailOptions
from cautery.cli.provenance.model_options import RECORDING, LedgerOptions


def guardrails(
    *,
    teacher: str = "",
    suspect: str = "",
    suite: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    level: float = 0.01,
    asking: GuardrailOptions = ASKING,
    recording: LedgerOptions = RECORDING,
    export_items: Path | None = None,
    showing: ShowingOptions = SHOWING,
) -> int:
    """Say what safety a suspect model lost against its presumed teacher.

    Asks both the same items: requests that should be refused, plain and in disguise, harmless ones
    that should not, and whether a human answers. Grades every answer, drops it, and compares in
    pairs. Prints what was lost by suite, its interval, the chance, what would show, and how far the
    grades agree with labels.

    Args:
        teacher: The presumed teacher: the address of its endpoint, up to the version
            (https://host/v1), or a file of its answers (JSON lines with id and text, or the log of
            Inspect in a file named .json).
        suspect: The suspect, likewise.
        suite: A suite that comes with the package (harmful-request, identity,
            jailbreak-resistance, over-refusal) or a file of one's own (JSON lines with id, suite,
            prompt, wanted, category); may be given several times; all that come with the package
            if left out.
        level: Chance that any suite is named though both do alike.
        asking: How endpoints are asked, and answers graded.
        recording: Where the report is recorded.
        export_items: Write the items here for another runner (JSON lines with id, input, target
            and metadata, which Inspect reads), and ask nothing.
        showing: Where the report goes.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.guardrails_run import Request, run_guardrails

    request = Request(
        teacher=teacher,
        suspect=suspect,
        suites=suite,
        level=level,
        asking=asking,
        recording=recording,
        export_items=export_items,
        showing=showing,
    )
    lines = run_guardrails(request)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
