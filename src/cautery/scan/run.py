"""The scan: exchange table in, case out. Stages A to E of the method, joined and nothing more."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

import cautery
from cautery.errors import NoInputError
from cautery.ingest.collecting import seldom_collecting
from cautery.ingest.table import ExchangeTable
from cautery.records.calibration import LocalCalibration
from cautery.records.case import (
    CASE_SCHEMA,
    Case,
    InputSummary,
    MissingSignal,
    Release,
    SignalUse,
    Tool,
)
from cautery.records.progress import Progress, SilentProgress
from cautery.registry import LINKS, SIGNALS
from cautery.scan.absorbing import absorb
from cautery.scan.candidates import Candidates
from cautery.scan.costs import cost_notes
from cautery.scan.engine_options import EngineOptions
from cautery.scan.engines.duckdb import LocalEngine
from cautery.scan.evidence import WEIGHTS_VERSION, judge
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences
from cautery.scan.linking import Linked, link_accounts
from cautery.scan.missing_columns import missing_signal
from cautery.scan.peer_indicators import SIGNAL as PEER_SIGNAL
from cautery.scan.peer_indicators import PeerEvidence, peer_evidence
from cautery.scan.permitted import permitted_customers
from cautery.scan.pool_meanings import embedding_note, embedding_use
from cautery.scan.portrait import iso_time
from cautery.scan.reading import read_facts
from cautery.scan.settling import Settled, settle
from cautery.scan.stability import measure_stability
from cautery.scan.standing import with_standing
from cautery.scan.steps import CANDIDATES, FACTS, FINDINGS, SETTLING, Steps
from cautery.scan.verdicts import Findings, collect

if TYPE_CHECKING:
    from cautery.ports import OpenEngine, Recogniser
    from cautery.scan.static_embedding import StaticEmbedding
    from cautery.scan.watching import DailyWatch

CALIBRATION: Final = "calibrated on simulated logs with known truth; on no real campaign"
"""What the printed chances rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """What a caller may choose."""

    work_folder: Path | None = None
    """Folder for what does not fit into memory; None for a temporary one."""
    seed: int = 0
    """Seed of the communities; the same seed gives the same case."""
    all_near_misses: bool = False
    """Whether near misses of fewer than five accounts are named as well."""
    local: LocalCalibration | None = None
    """What was learned from decided cases here; None for nothing."""
    memory_bytes: int | None = None
    """Memory that the scan may take; None for the engine's choice."""
    engine: OpenEngine | None = None
    """Engine that holds the rows; None for this machine's own. It is closed with the scan."""
    kept_folder: Path | None = None
    """Where sums over the parts are kept for the next scan of the same parts and more; only with
    this machine's engine, and None to keep nothing."""
    embedding: StaticEmbedding | None = None
    """Tells what prompts mean; None to go by their words alone."""
    watch: DailyWatch | None = None
    """Told of this scan's groups, and tests those of the scan before; None for a single scan."""
    peers: Recogniser | None = None
    """Knows the indicators that peers gave and that hold now; None if there are none."""


def present_columns(table: ExchangeTable) -> frozenset[str]:
    """Columns that hold something and are not switched off.

    Args:
        table: An ingested exchange table.

    Returns:
        Names of canonical and sketch columns; ``input_text`` counts as present when its sketches
        are, even if the text itself was dropped.
    """
    held = {row.column for row in table.coverage if row.share > 0} - table.switched_off
    if "input_hash" in held:
        held.add("input_text")
    return frozenset(held)


def scan(
    table: ExchangeTable,
    accounts: pa.Table | None,
    releases: pa.Table | None,
    options: ScanOptions,
    progress: Progress | None = None,
) -> Case:
    """Link accounts into campaigns and judge them.

    Args:
        table: The ingested exchange table.
        accounts: The account table, if there is one.
        releases: The release table, if there is one.
        options: What the caller chose.
        progress: Told of the phases; silent by default.

    Returns:
        The case. The same exchanges give the same case, whatever their order and files.

    Raises:
        NoInputError: There is no exchange, of which nothing can be said.
    """
    told = progress or SilentProgress()
    steps = Steps(told, "linking", (FACTS, *LINKS.names(), CANDIDATES))
    engine = options.engine or LocalEngine(
        EngineOptions(work_folder=options.work_folder, memory_bytes=options.memory_bytes)
    )
    with engine.errors(), closing(engine), seldom_collecting():
        if not table.rows:
            raise NoInputError(
                "the logs hold no exchange", hint=" ".join(table.notes) or "Name other logs."
            )
        read = read_facts(
            table.parts,
            present_columns(table),
            accounts,
            _releases(releases),
            options.work_folder,
            memory_bytes=options.memory_bytes,
            engine=engine,
            kept_folder=options.kept_folder,
        )
        facts = replace(read, embedding=options.embedding)
        steps.done(FACTS)
        with closing(facts):
            linked = link_accounts(facts, options.seed, steps)
            told.finish(f"{facts.account_count:,} accounts, {linked.count:,} links")
            tables = (accounts, releases)
            case = _judged(table, facts, linked, tables, options=options, told=told)
            if facts.kept is not None:
                facts.kept.forget_unused()
            return case


def _judged(
    table: ExchangeTable,
    facts: Facts,
    linked: Linked,
    tables: tuple[pa.Table | None, pa.Table | None],
    *,
    options: ScanOptions,
    told: Progress,
) -> Case:
    signals = [SIGNALS.load(name) for name in SIGNALS.names()]
    names = [signal.name for signal in signals]
    steps = Steps(told, "scoring", (SETTLING, *names, FINDINGS))
    settled = _settled(facts, linked.candidates, linked.incidences)
    steps.done(SETTLING)
    groups = settled.groups
    if options.watch is not None:
        options.watch.look(facts, groups, linked.incidences)
    named = None if options.peers is None else peer_evidence(facts, groups, options.peers)
    peers = () if named is None else named.rows
    verdicts = judge(facts, groups, signals, options.local, peers, measured=steps.done)
    everything = options.all_near_misses
    found = collect(facts, groups, verdicts, settled.membership, all_near_misses=everything)
    found = with_standing(facts, settled, verdicts, found)
    steps.done(FINDINGS)
    told.finish(f"{groups.count:,} groups")
    missing = [
        *linked.missing,
        *(missing_signal(signal.name, facts.missing(signal.needs), facts) for signal in signals),
    ]
    used = {*names, *LINKS.names()}
    case = _case(table, facts, found, tables, _uses(used, [row for row in missing if row]))
    case = case if named is None else _with_peers(case, named)
    use = embedding_use(facts, groups)
    if use is not None:
        case = replace(case, embedding=use, notes=(*case.notes, embedding_note(use)))
    return case if options.local is None else _corrected(case, options.local)


def _with_peers(case: Case, named: PeerEvidence) -> Case:
    """Say in the case that peers were heard, and what of it was dropped."""
    uses = replace(case.signals, used=tuple(sorted((*case.signals.used, PEER_SIGNAL))))
    return replace(case, signals=uses, notes=(*case.notes, *named.notes))


def _corrected(case: Case, local: LocalCalibration) -> Case:
    """Say in the case that its chances were corrected, and by what."""
    decided = local.confirmed + local.dismissed
    words = f"{CALIBRATION}; {local.offset_bits:+.1f} bits from {decided:,} cases decided here"
    return replace(case, tool=replace(case.tool, calibration=words))


def _releases(releases: pa.Table | None) -> tuple[tuple[str, int], ...]:
    if releases is None:
        return ()
    times = releases["released_at"].cast(pa.int64()).to_pylist()
    return tuple(sorted(zip(releases["model"].to_pylist(), times, strict=True)))


def _settled(facts: Facts, candidates: Candidates, incidences: dict[str, Incidences]) -> Settled:
    """Absorb, set permitted accounts apart, drop doubtful members, then fix the groups."""
    stability = measure_stability(candidates.group_of, candidates.redrawn)
    absorbed = absorb(facts, candidates, incidences)
    return settle(facts, absorbed, incidences, stability, permitted_customers(facts))


def _uses(used: set[str], missing: list[MissingSignal]) -> SignalUse:
    absent = {row.name.removesuffix(" link") for row in missing}
    return SignalUse(used=tuple(sorted(used - absent)), missing=tuple(missing))


def _case(
    table: ExchangeTable,
    facts: Facts,
    found: Findings,
    side_tables: tuple[pa.Table | None, pa.Table | None],
    uses: SignalUse,
) -> Case:
    accounts, releases = side_tables
    return Case(
        schema=CASE_SCHEMA,
        tool=Tool(
            name="cautery",
            version=cautery.__version__,
            weights_version=WEIGHTS_VERSION,
            calibration=CALIBRATION,
        ),
        input=InputSummary(
            files=tuple(sorted(table.files, key=lambda file: file.name)),
            exchanges=table.rows,
            rejected=table.rejected,
            accounts=facts.account_count,
            from_time=iso_time(int(facts.totals["first_us"].min())),
            to_time=iso_time(int(facts.totals["last_us"].max())),
            output_tokens=int(facts.totals["output_tokens"].sum()),
            coverage=table.coverage,
            account_table_rows=0 if accounts is None else len(accounts),
            release_table_rows=0 if releases is None else len(releases),
        ),
        signals=uses,
        campaigns=found.campaigns,
        permitted_groups=found.permitted,
        operators=found.operators,
        near_misses=found.near_misses,
        notes=(*table.notes, *cost_notes(facts.present)),
        releases=tuple(
            Release(model=model, released_at=iso_time(released_us))
            for model, released_us in sorted(facts.releases, key=lambda row: (row[1], row[0]))
        ),
        accounts=found.accounts,
    )
