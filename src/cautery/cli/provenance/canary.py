"""``cautery provenance canary``: markers that a gateway plants, and suspects that repeat them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from cautery.cli.provenance.endpoint_options import SHOWING, ShowingOptions
from cautery.cli.provenance.model_options import ASKING, RECORDING, AskingOptions, LedgerOptions

canary: Final = App(
    name="canary",
    help="Plant keyed markers by a gateway, and say whether a suspect repeats them.",
    help_format="plaintext",
)
"""The verb; its own verbs are below."""


@canary.command
def plant(
    registry: Path,
    *,
    key_file: Path,
    campaign: Annotated[tuple[str, ...], Parameter(negative="")],
    markers: Path,
) -> int:
    """Write down which campaigns are given which markers, before the first answer with them.

    The key draws a phrase of each marker for each campaign. What is there already stays as it is.

    Args:
        registry: The registry; made if it is not there, for its owner's eyes only.
        key_file: Secret of the registry, 64 hexadecimal digits (openssl rand -hex 32).
        campaign: A campaign; may be given several times.
        markers: The markers: JSON lines with marker_id, words (all stand in such a question) and
            choices (equally good phrases, from 2 to 64).

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.canary_run import plant_markers

    print(plant_markers(registry, key_file, campaign, markers), file=sys.stderr)
    return 0


@canary.command(name="list")
def list_(
    registry: Path,
    *,
    key_file: Path,
    campaign: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    output_format: Literal["human", "json"] = "human",
) -> int:
    """List what was planted; as JSON with the phrases, for a gateway that appends them.

    Args:
        registry: The registry.
        key_file: Its secret.
        campaign: A campaign; may be given several times; all if left out.
        output_format: json writes one line a marker with campaign_id, marker_id, words and the
            phrase that the campaign is given: keep it as secret as the key.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.canary_run import list_markers

    lines = list_markers(registry, key_file, campaign, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


@canary.command
def check(
    registry: Path,
    *,
    key_file: Path,
    suspect: str,
    level: float = 0.001,
    asking: AskingOptions = ASKING,
    recording: LedgerOptions = RECORDING,
    showing: ShowingOptions = SHOWING,
) -> int:
    """Say whether a suspect repeats the markers of a campaign.

    Every campaign of the registry is tested, and all are corrected together. Prints the chance
    without the campaign's answers, the part of the markers that would show, how often keys that
    drew nothing accuse on the same answers, and the limits.

    Args:
        registry: The registry.
        key_file: Its secret.
        suspect: Answers of the suspect (JSON lines with prompt and text), or the address of its
            endpoint, up to the version (https://host/v1), which is asked --prompts.
        level: Chance that any campaign is named wrongly.
        asking: How an endpoint is asked.
        recording: Where the report is recorded.
        showing: Where the report goes.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.canary_run import CheckRequest, check_suspect

    request = CheckRequest(
        registry=registry,
        key_file=key_file,
        suspect=suspect,
        level=level,
        asking=asking,
        recording=recording,
        showing=showing,
    )
    lines = check_suspect(request)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
