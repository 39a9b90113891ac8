"""What ``cautery provenance model`` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.cli.given_files import opened
from cautery.cli.progress import progress_for
from cautery.cli.provenance.model_asking import answers_of, given_answers
from cautery.cli.provenance.model_summary import summary
from cautery.cli.provenance.publishing import check_recording, published
from cautery.errors import (
    MalformedFileError,
    MissingColumnError,
    MissingExtraError,
    NoInputError,
    UsageError,
)
from cautery.plain_files import require_plain
from cautery.provenance.probes.radioactivity import MEMBER, RadioactivityQuestion
from cautery.provenance.query_state import ANSWERS_SCHEMA
from cautery.provenance.suspect_files import (
    GivenLine,
    Numbered,
    given_lines,
    read_exposures,
    read_samples,
)
from cautery.provenance.suspect_material import (
    Exposure,
    Sample,
    SuspectMaterial,
    forced_samples,
)
from cautery.records.probe import Access
from cautery.watermark.tokenizer import Tokenizer

if TYPE_CHECKING:
    from cautery.cli.provenance.endpoint_options import ShowingOptions
    from cautery.cli.provenance.model_options import AskingOptions, LedgerOptions
    from cautery.provenance.text import KeysOfProfile
    from cautery.records.probe import ProbeReport

LIKELIEST: Final = 3
"""Tokens of an open suspect that are taken at each place of our answers."""
_ROWS_AT_ONCE: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the verb was told."""

    suspect: str
    tested: list[KeysOfProfile]
    exposure: Path | None
    reference: Path | None
    case: Path | None
    supervised: bool
    memorisation: float
    control_keys: int
    asking: AskingOptions
    recording: LedgerOptions
    showing: ShowingOptions


def run_model(request: Request) -> list[str]:
    """Test a suspect; see the verb ``model``.

    Args:
        request: What the verb was told.

    Returns:
        Lines for standard output.
    """
    check_recording(request.recording)
    report = _report(request)
    if report is None:
        return []
    return published(report, request.recording, request.showing, summary)


def _report(request: Request) -> ProbeReport | None:
    tokenizers = [
        Tokenizer(each.profile.tokenizer) if each.profile.tokenizer else None
        for each in request.tested
    ]
    exposed = list(_exposed(request.exposure)) if request.exposure is not None else []
    campaigns, digest = _campaigns(request.case)
    known = campaigns if request.case is not None else None
    exposures = read_exposures(exposed, tokenizers, known)
    unmarked = _exposed(request.reference) if request.reference is not None else ()
    references = read_exposures(unmarked, tokenizers)
    notes: tuple[str, ...] = ()
    supervised = request.supervised
    if Path(request.suspect).is_dir():
        access, samples, supervised = Access.OPEN, _predicted(request, exposures), True
    else:
        silent = request.showing.no_progress
        given = given_answers(
            request.suspect, lambda url: answers_of(url, request.asking, exposed, silent=silent)
        )
        if given is None:
            return None
        notes, supervised = given.notes, supervised or given.supervised
        with opened(given.file) as stream:
            access, samples = read_samples(_texts(given_lines(stream, given.file)), tokenizers)
    suspect = SuspectMaterial(
        name=request.suspect, access=access, supervised=supervised, samples=samples, notes=notes
    )
    question = RadioactivityQuestion(
        tested=tuple(request.tested),
        exposures=exposures,
        references=references,
        campaigns=campaigns,
        memorisation=request.memorisation,
        control_keys=request.control_keys,
    )
    return replace(MEMBER.examine(suspect, question), case_sha256=digest)


def _predicted(
    request: Request, exposures: tuple[tuple[Exposure, ...], ...]
) -> tuple[tuple[Sample, ...], ...]:
    """Lead an open suspect along our own answers; only here is torch imported."""
    if request.exposure is None:
        raise UsageError("a model in a folder is led along our own answers: give --exposure")
    try:
        from cautery.inference.next_tokens import LocalNextTokens
    except ImportError as error:
        raise MissingExtraError(
            "reading a model's next tokens needs torch and transformers",
            hint="pip install torch transformers, in an environment of their own.",
        ) from error
    model = LocalNextTokens(Path(request.suspect))
    for each in request.tested:
        model.check_tokenizer(each.profile)
    with progress_for(sys.stderr, silent=request.showing.no_progress) as progress:
        progress.start("reading", sum(map(len, exposures)), "texts")
        found = []
        for texts in exposures:
            samples: list[Sample] = []
            for text in texts:
                samples += forced_samples(model, [text.tokens], LIKELIEST)
                progress.advance(1)
            found.append(tuple(samples))
        progress.finish(f"{sum(map(len, found)):,} texts")
    return tuple(found)


def _texts(lines: Iterator[Numbered]) -> Iterator[Numbered]:
    """Pass over the first line of an endpoint's answers, which says how they were asked for.

    The answers themselves stand in the order in which they came; they are read in that of their
    ids, so that one report comes out, however many were asked at once.
    """
    for where, line in lines:
        if line.schema == ANSWERS_SCHEMA:
            yield from sorted(lines, key=lambda one: str(one[1].id))
        else:
            yield where, line


def _campaigns(path: Path | None) -> tuple[Mapping[str, str], str]:
    """Read which accounts are of one campaign, and the digest of the case that says so."""
    if path is None:
        return {}, ""
    from cautery.report.load import read_case_document

    case, digest = read_case_document(path)
    members = {
        member.account_id: campaign.campaign_id
        for campaign in case.campaigns
        for member in campaign.members
    }
    return members, digest


def _exposed(path: Path) -> Iterator[Numbered]:
    """Read our own marked texts: JSON lines, or an exchange table with answers."""
    if path.suffix == ".parquet":
        yield from _table_rows(path)
        return
    with opened(str(path)) as stream:
        yield from given_lines(stream, str(path))


def _table_rows(path: Path) -> Iterator[Numbered]:
    import pyarrow as pa
    from pyarrow import parquet

    require_plain(path)
    try:
        table = parquet.ParquetFile(path)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except pa.ArrowException as error:
        raise MalformedFileError(f"not a Parquet file: {error}", where=str(path)) from error
    columns = ("account_id", "input_text", "output_text")
    if missing := [name for name in columns if name not in table.schema_arrow.names]:
        raise MissingColumnError(
            f"there is no column {missing[0]}",
            where=str(path),
            hint="Give the table that cautery ingest writes, without --drop-text.",
        )
    number = 0
    for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE, columns=list(columns)):
        for row in batch.to_pylist():
            number += 1
            if row["output_text"]:
                line = GivenLine(
                    id=number,
                    text=row["output_text"],
                    prompt=row["input_text"] or None,
                    account_id=row["account_id"] or "",
                )
                yield f"{path}: row {number:,}", line
