"""What ``cautery calibrate`` does: reads decisions and cases, learns, says what it would change."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from cautery.cli.exits import printable
from cautery.errors import ConfigurationError, MalformedFileError, NoInputError, OutputError
from cautery.plain_files import read_plain
from cautery.records.calibration import CALIBRATION_SCHEMA, LocalCalibration
from cautery.records.campaign import BAND_FLOORS, Campaign, band_of

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.scan.local_calibration import Offset

COLUMNS: Final = ("case", "campaign_id", "decision")
DECISIONS: Final = {"confirmed": True, "dismissed": False}
MOST_DECISIONS: Final = 100_000
"""Lines of a decisions file that are read."""
MOST_DECISION_BYTES: Final = 2**26
MOST_CALIBRATION_BYTES: Final = 2**16
"""What ``cautery calibrate -o`` writes has some 200 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A campaign that somebody decided about."""

    campaign: Campaign
    claimed_bits: float
    """Its log-odds without an earlier correction."""
    confirmed: bool


def run_calibration(decisions: Path, output: Path | None) -> list[str]:
    """Learn from a file of decisions.

    Args:
        decisions: CSV with the columns of ``COLUMNS``.
        output: Where to write the correction; None to write nothing.

    Returns:
        Lines for people.

    Raises:
        NoInputError: A file or case is not there, or there is no decision.
        MalformedFileError: A line is wrong; names file and line.
        ConfigurationError: The cases were made with several versions of the weights.
        OutputError: The correction cannot be written.
    """
    import numpy as np

    from cautery.scan.local_calibration import FEWEST_DECISIONS, fit_offset

    decided, version = read_decisions(decisions)
    lines = [f"{len(decided):,} campaigns decided, weights {version}", "", *_band_lines(decided)]
    if len(decided) < FEWEST_DECISIONS:
        return [
            *lines,
            "",
            f"nothing learned: at least {FEWEST_DECISIONS} decisions are needed",
        ]
    offset = fit_offset(
        np.array([row.claimed_bits for row in decided]),
        np.array([row.confirmed for row in decided], dtype=np.bool_),
    )
    lines += ["", *_offset_lines(offset, decided)]
    if output is None or not offset.differs:
        return lines
    confirmed = sum(row.confirmed for row in decided)
    _write(
        LocalCalibration(
            schema=CALIBRATION_SCHEMA,
            weights_version=version,
            offset_bits=offset.bits,
            low_bits=offset.low,
            high_bits=offset.high,
            confirmed=confirmed,
            dismissed=len(decided) - confirmed,
        ),
        output,
    )
    return [*lines, "", f"wrote {printable(str(output))}; use it: cautery scan --calibration FILE"]


def read_decisions(path: Path) -> tuple[list[Decided], str]:
    """Read decisions and the campaigns that they are about.

    Args:
        path: The CSV file; paths of cases are relative to its folder.

    Returns:
        One entry a campaign, and the version of the weights of all cases.

    Raises:
        NoInputError: The file or a case is not there, or there is no decision.
        MalformedFileError: A line is wrong; names file and line.
        ConfigurationError: The cases were made with several versions of the weights.
    """
    from cautery.report.load import read_case

    cases: dict[Path, dict[str, Campaign]] = {}
    versions: set[str] = set()
    found: dict[tuple[Path, str], Decided] = {}
    for line, row in _rows(path):
        folder = (path.parent / row["case"]).resolve()
        if folder not in cases:
            case = read_case(folder)
            versions.add(case.tool.weights_version)
            cases[folder] = {campaign.campaign_id: campaign for campaign in case.campaigns}
        campaign = cases[folder].get(row["campaign_id"])
        where = f"{path}:{line}"
        if campaign is None:
            raise MalformedFileError(
                f"the case has no campaign {row['campaign_id'][:40]!r}",
                where=where,
                hint=f"It has {', '.join(sorted(cases[folder])[:5]) or 'none'}.",
            )
        if row["decision"] not in DECISIONS:
            raise MalformedFileError(
                f"{row['decision'][:40]!r} is no decision",
                where=where,
                hint="Write confirmed or dismissed.",
            )
        if (folder, campaign.campaign_id) in found:
            raise MalformedFileError(f"{campaign.campaign_id} was decided before", where=where)
        found[folder, campaign.campaign_id] = _decided(campaign, DECISIONS[row["decision"]])
    if not found:
        raise NoInputError("there is no decision", where=str(path))
    if len(versions) > 1:
        raise ConfigurationError(
            f"cases of several versions of the weights: {', '.join(sorted(versions))}",
            where=str(path),
            hint="Scan again, or keep the decisions of each version in a file of its own.",
        )
    return list(found.values()), versions.pop()


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        content = read_plain(path, MOST_DECISION_BYTES, error_type=MalformedFileError)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedFileError("this is not UTF-8", where=str(path)) from error
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        names = reader.fieldnames or ()
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise MalformedFileError(
                f"lacks the column {missing[0]}",
                where=f"{path}:1",
                hint=f"The first line is {','.join(COLUMNS)}; more columns do no harm.",
            )
        rows: list[tuple[int, dict[str, str]]] = []
        for row in reader:
            if len(rows) >= MOST_DECISIONS:
                raise MalformedFileError(
                    f"more than {MOST_DECISIONS:,} decisions", where=f"{path}:{reader.line_num}"
                )
            rows.append((reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS}))
    except csv.Error as error:
        raise MalformedFileError(str(error), where=f"{path}:{reader.line_num}") from error
    return rows


def _decided(campaign: Campaign, confirmed: bool) -> Decided:
    from cautery.scan.local_calibration import SIGNAL

    earlier = sum(row.bits for row in campaign.weights if row.signal == SIGNAL)
    return Decided(campaign=campaign, claimed_bits=campaign.bits - earlier, confirmed=confirmed)


def _band_lines(decided: list[Decided]) -> list[str]:
    """Claimed and confirmed shares by band, with their intervals."""
    from cautery.scan.local_calibration import share_interval

    lines = ["band          decided  claimed  confirmed (95 %)"]
    for band, _floor in BAND_FLOORS:
        rows = [row for row in decided if row.campaign.band == band]
        if not rows:
            lines.append(f"{band:<13} {0:>7}        -          -")
            continue
        claimed = sum(row.campaign.probability for row in rows) / len(rows)
        held = sum(row.confirmed for row in rows)
        low, high = share_interval(held, len(rows))
        share = f"{held / len(rows):>9.3f} ({low:.3f} to {high:.3f})"
        lines.append(f"{band:<13} {len(rows):>7,}  {claimed:>7.3f}  {share}")
    return lines


def _offset_lines(offset: Offset, decided: list[Decided]) -> list[str]:
    from cautery.scan.evidence import chance

    lines = [
        f"correction    {offset.bits:+.1f} bits (95 %: {offset.low:+.1f} to {offset.high:+.1f})"
    ]
    if not offset.differs:
        return [*lines, "nothing to correct: the interval holds zero"]
    moves = Counter(
        (row.campaign.band, band_of(chance(row.claimed_bits + offset.bits))) for row in decided
    )
    for (old, new), count in sorted(moves.items()):
        if old != new:
            lines.append(f"  {count:,} of these would go from {old} to {new or 'not listed'}")
    return lines


def _write(calibration: LocalCalibration, path: Path) -> None:
    from cautery.ingest.state_documents import write_json

    try:
        write_json(path, asdict(calibration))
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(path)
        ) from error


def read_calibration(path: Path, weights_version: str) -> LocalCalibration:
    """Read what ``cautery calibrate -o`` wrote.

    Args:
        path: The file.
        weights_version: Version of the weights that it must fit.

    Returns:
        The correction.

    Raises:
        NoInputError: There is no such file.
        ConfigurationError: It is damaged or fits other weights.
    """
    import msgspec

    content = read_plain(path, MOST_CALIBRATION_BYTES, hint="Make it with cautery calibrate -o.")
    try:
        found: Any = msgspec.json.decode(content, type=LocalCalibration)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ConfigurationError("is no calibration", where=str(path)) from error
    if found.schema != CALIBRATION_SCHEMA or found.weights_version != weights_version:
        raise ConfigurationError(
            f"is for weights {found.weights_version[:40]!r}, and these are {weights_version!r}",
            where=str(path),
            hint="Scan the decided cases again and calibrate anew.",
        )
    _check_sizes(found, path)
    return LocalCalibration(**asdict(found))


def _check_sizes(found: LocalCalibration, path: Path) -> None:
    from cautery.scan.local_calibration import MOST_OFFSET_BITS

    values = (found.low_bits, found.offset_bits, found.high_bits)
    if not all(abs(value) <= MOST_OFFSET_BITS for value in values):
        raise ConfigurationError("holds impossible bits", where=str(path))
