"""What the verbs ``export`` and ``preview`` of ``cautery intel`` do."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cautery.cli import clock
from cautery.cli.exits import printable
from cautery.errors import UsageError
from cautery.intel.sharing_choices import USUAL_KINDS, SharingChoices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cautery.cli.intel.sharing_options import SharingOptions
    from cautery.intel.epoch_keys import EpochKey
    from cautery.records.bulletin import Bulletin, SharedTrace
    from cautery.records.campaign import Band
    from cautery.records.case import Case
    from cautery.records.indicator import Observable

MOST_VALID_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRequest:
    """What is to be shared, as the command line says it."""

    case: Path
    provider: str
    options: SharingOptions

    def choices(self) -> SharingChoices:
        """Turn them into choices.

        Raises:
            UsageError: The validity is none that an indicator can have.
        """
        options = self.options
        if not 1 <= options.valid_days <= MOST_VALID_DAYS:
            raise UsageError(
                f"an indicator holds for 1 to {MOST_VALID_DAYS} days", where="--valid-days"
            )
        return SharingChoices(
            provider=self.provider,
            tlp=options.tlp,
            least_band=cast("Band", options.band.replace("-", " ")),
            valid_days=options.valid_days,
            kinds=frozenset(options.kind) if options.kind else USUAL_KINDS,
            clear_addresses=options.clear_addresses,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that an export is made of."""

    case: Case
    observables: Sequence[Observable]
    key: EpochKey | None
    choices: SharingChoices
    traces: Mapping[str, tuple[SharedTrace, ...]]


def read_material(request: ShareRequest) -> Material:
    """Read the case, its tables and logs, and choose the key.

    Args:
        request: What is to be shared.

    Returns:
        What an export is made of.

    Raises:
        CauteryError: Something cannot be read, or no epoch key holds now.
    """
    from cautery.cli.intel.observing_run import case_observables
    from cautery.intel.epoch_keys import load_keys
    from cautery.report.load import read_case_document

    choices = request.choices()
    options = request.options
    key = None if options.keys is None else load_keys(options.keys).at(clock.now())
    case, digest = read_case_document(request.case)
    found = case_observables(case, options.accounts, options.log, sys.stderr)
    traces = _traces(options.probe, digest)
    return Material(case=case, observables=found, key=key, choices=choices, traces=traces)


def _traces(paths: Sequence[Path], case_sha256: str) -> Mapping[str, tuple[SharedTrace, ...]]:
    """Read what probes found of the case's campaigns; a report on another case is refused."""
    from hashlib import sha256

    from cautery.intel.traces import traces_of
    from cautery.report.load import read_content
    from cautery.report.pack_probes import check_case, read_report

    found = []
    for path in paths:
        content = read_content(path)
        report = read_report(content, str(path))
        check_case(report, case_sha256, str(path))
        found.append((report, sha256(content).hexdigest()))
    return traces_of(found)


def export_case(request: ShareRequest, format_name: str, output: Path | None) -> int:
    """Write a case for peers; see the verb ``export``."""
    from cautery.cli.intel.own_files import refuse_other, write_own
    from cautery.intel.bulletins import make_bulletin
    from cautery.registry import SHARING_FORMATS

    sharing = SHARING_FORMATS.load(format_name)
    folder = request.case if request.case.is_dir() else request.case.parent
    target = output or folder / f"shared{sharing.ending}"
    to_screen = str(target) == "-"
    if not to_screen:
        refuse_other(target, format_name)
    material = read_material(request)
    bulletin = make_bulletin(
        material.case, material.observables, material.key, material.choices, material.traces
    )
    content = io.BytesIO()
    sharing.write(bulletin, content)
    if to_screen:
        sys.stdout.buffer.write(content.getvalue())
    else:
        write_own(target, content.getvalue(), format_name)
    _tell_export(bulletin, "to standard output" if to_screen else str(target))
    return 0


def _tell_export(bulletin: Bulletin, where: str) -> None:
    """Say what was shared, and warn of what no peer will look for any more."""
    from cautery.intel.stix_values import stix_time

    keyed = sum(one.form == "keyed" for one in bulletin.indicators)
    clear = len(bulletin.indicators) - keyed
    print(
        f"wrote {printable(where)}: {len(bulletin.campaigns):,} campaigns, {keyed:,} keyed "
        f"indicators, {clear:,} in clear, TLP:{bulletin.tlp.upper()}",
        file=sys.stderr,
    )
    over = sum(one.valid_until <= stix_time(clock.now().isoformat()) for one in bulletin.indicators)
    if over:
        print(
            f"warning: {over:,} of the indicators ran out before today, as the log is old: "
            "--valid-days makes them hold longer",
            file=sys.stderr,
        )
