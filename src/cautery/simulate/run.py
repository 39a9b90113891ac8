"""Simulate: a plan in, a folder with log, tables and truth out."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from cautery.errors import OutputError, UsageError
from cautery.records.progress import Progress, SilentProgress
from cautery.registry import ATTACKS
from cautery.simulate import honest, tables, writers
from cautery.simulate.honest_class import HonestClass
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.render import Renderer
from cautery.simulate.traffic import Traffic
from cautery.simulate.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """What was written."""

    folder: Path
    logs: tuple[Path, ...]
    """Files of the log."""
    exchanges: int
    harvested: int
    """Exchanges that belong to a campaign's harvest."""
    accounts: int
    attackers: int


def honest_classes() -> dict[str, HonestClass]:
    """Return every class of honest accounts by name."""
    modules = [import_module(f"cautery.simulate.honest.{name}") for name in honest.MEMBERS]
    return {module.MEMBER.name: module.MEMBER for module in modules}


def member(package: Any, name: str, what: str) -> Any:
    """Load a member of one of the simulator's shelves by its public name."""
    module = name.replace("-", "_")
    if module not in package.MEMBERS:
        known = ", ".join(entry.replace("_", "-") for entry in package.MEMBERS)
        raise UsageError(f"there is no {what} {name!r}", hint=f"Known: {known}.")
    return import_module(f"{package.__name__}.{module}").MEMBER


def build_world(plan: SimulationPlan) -> World:
    """Build every account and strand of a plan."""
    world = World(plan)
    left = plan.accounts - plan.attackers
    everyone = left
    for name, honest_class in honest_classes().items():
        if name != "ordinary":
            size = honest_class.size(everyone)
            honest_class.build(world, size)
            left -= size
    if left < 0:
        raise UsageError("too few accounts for the honest classes", hint="Ask for more accounts.")
    honest_classes()["ordinary"].build(world, left)
    if plan.attackers:
        ATTACKS.load(plan.tier).generate(world)
    return world


def simulate(
    plan: SimulationPlan, output_folder: Path, progress: Progress | None = None
) -> SimulationResult:
    """Write a labelled log.

    Args:
        plan: What to simulate.
        output_folder: Receives ``exchanges.*``, ``accounts.csv``, ``releases.csv`` and ``truth/``.
        progress: A ``cautery.records.progress.Progress``, or nothing.

    Returns:
        What was written.

    Raises:
        OutputError: If the folder cannot be written.
        UsageError: If the plan names a tier or a format that does not exist.
    """
    ATTACKS.load(plan.tier)
    writer_format = member(writers, plan.log_format, "log format")
    try:
        (output_folder / "truth").mkdir(parents=True, exist_ok=True)
        return write_everything(plan, output_folder, writer_format, progress or SilentProgress())
    except OSError as error:
        raise OutputError("the folder cannot be written", where=str(output_folder)) from error


def write_everything(
    plan: SimulationPlan, folder: Path, writer_format: Any, progress: Progress
) -> SimulationResult:
    """Build the world and stream it into the files, one day at a time."""
    world = build_world(plan)
    start = tables.parse_start(plan.start)
    traffic = Traffic(world, start.weekday())
    accounts = traffic.accounts
    renderer = Renderer(world, traffic.strands, accounts, start)
    made = np.zeros(accounts.rows, np.int64)
    harvested = today = 0
    progress.start("simulating", plan.days, "days")
    with ExitStack() as files:
        log = files.enter_context(closing(writer_format.open(folder, plan)))
        truth = files.enter_context(closing(tables.TruthWriter(folder / "truth" / "exchanges.csv")))
        for day, rows in traffic.days():
            for batch, part in renderer.batches(rows):
                log.write(batch)
                truth.write(batch, part)
            made += np.bincount(rows["account"], minlength=made.size)
            harvested += int(rows["harvest"].sum())
            progress.advance(day - today)
            today = day
    tables.write_accounts(folder / "accounts.csv", accounts, renderer.account_ids, start)
    tables.write_releases(folder / "releases.csv", start, world.release_day)
    tables.write_truth_accounts(
        folder / "truth" / "accounts.csv", accounts, renderer.account_ids, made
    )
    tables.write_plan(folder / "truth" / "plan.json", plan)
    progress.finish(f"{made.sum():,} exchanges of {accounts.rows:,} accounts")
    return SimulationResult(
        folder=folder,
        logs=log.paths,
        exchanges=int(made.sum()),
        harvested=harvested,
        accounts=accounts.rows,
        attackers=int(accounts["attacker"].sum()),
    )
