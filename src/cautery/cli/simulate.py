"""``cautery simulate``: labelled traffic with planted campaigns, and the audit of its leaks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from cautery.simulate.run import SimulationResult

simulate: Final = App(
    name="simulate", help="Write labelled traffic with planted campaigns.", help_format="plaintext"
)
"""The verb; ``audit`` is a verb of its own below it."""


@simulate.default
def write(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    tier: str = "hydra",
    accounts: int = 6000,
    seed: int = 1,
    days: int = 14,
    attacker_share: float = 0.1,
    volume: float = 1.0,
    log_format: str = "canonical-parquet",
    compression: Literal["none", "gz", "zst"] = "none",
    otlp_generation: Literal[1, 2, 3] = 3,
    no_text: Annotated[bool, Parameter(negative="")] = False,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Write a log with planted campaigns, its account and release tables, and the truth.

    The same options give the same bytes.

    Args:
        output: Folder for exchanges.*, accounts.csv, releases.csv and truth/.
        tier: Which attack is planted; see `cautery list attacks`.
        accounts: All accounts, honest and linked together; at least 600.
        seed: Seed of everything random.
        days: Length of the log in days.
        attacker_share: Part of the accounts that belongs to campaigns, at least 40 accounts.
        volume: Factor on the exchanges of every account.
        log_format: Log format, for example canonical-jsonl, litellm-spend-logs or otlp-json.
        compression: How text formats are compressed.
        otlp_generation: Generation of attribute names in otlp-json.
        no_text: Leave prompts and answers out, as most gateways do.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.progress import progress_for
    from cautery.simulate.plan import SimulationPlan
    from cautery.simulate.run import simulate as write_log

    plan = SimulationPlan(
        tier=tier,
        accounts=accounts,
        seed=seed,
        days=days,
        attacker_share=attacker_share,
        volume=volume,
        log_format=log_format,
        compression=compression,
        otlp_generation=otlp_generation,
        text=not no_text,
    )
    with progress_for(sys.stderr, silent=no_progress) as progress:
        result = write_log(plan, output, progress)
    sys.stdout.writelines(f"{line}\n" for line in _written_lines(result, output))
    return 0


def _written_lines(result: SimulationResult, output: Path) -> list[str]:
    attackers, harvested = f"{result.attackers:,}", f"{result.harvested:,}"
    return [
        f"{result.exchanges:,} exchanges of {result.accounts:,} accounts in {output}",
        f"{attackers} accounts belong to campaigns; {harvested} of the exchanges harvest",
        *(f"log    {path}" for path in result.logs),
        f"truth  {output / 'truth'}",
    ]


@simulate.command
def audit(folder: Path, *, show: int = 15) -> int:
    """Say how far single columns give the attackers of a simulated log away.

    Args:
        folder: What `cautery simulate -o` wrote, with a canonical Parquet log.
        show: How many of the most telling features are printed.

    Returns:
        The exit code: 1 if a feature of the tiers from hydra up passes the limit.
    """
    from cautery.simulate.leak_audit import LIMIT, STRICT_TIERS
    from cautery.simulate.leak_audit import audit as find_leaks

    found = find_leaks(folder)
    above = found.above()
    counts = f"{len(found.leaks)} features, {len(above)} above {LIMIT}"
    lines = [f"{found.tier}: worst area under the curve {found.worst:.3f}; {counts}"]
    lines += [f"  {leak.auc:.3f}  {leak.feature}" for leak in found.leaks[:show]]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if above and found.tier in STRICT_TIERS else 0
