"""What the verbs of ``cautery provenance canary`` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.exits import printable
from cautery.cli.given_files import opened
from cautery.cli.provenance.canary_summary import summary
from cautery.cli.provenance.model_asking import answers_of, given_answers
from cautery.cli.provenance.publishing import check_recording, published
from cautery.errors import InputError, UsageError
from cautery.guard.secret_files import read_secret
from cautery.numbered_lines import decoded, lines_of
from cautery.provenance.marker_registry import plant_all
from cautery.provenance.probes.canary import MEMBER, AnsweredQuestions, CanaryQuestion
from cautery.provenance.query_state import ANSWERS_SCHEMA
from cautery.provenance.suspect_files import MAX_LINE_BYTES, given_lines
from cautery.watermark.marker_reading import MOST_MARKERS, read_markers
from cautery.watermark.markers import Marker, PlantedMarker, phrase_of

if TYPE_CHECKING:
    from cautery.cli.provenance.endpoint_options import ShowingOptions
    from cautery.cli.provenance.model_asking import Asked
    from cautery.cli.provenance.model_options import AskingOptions, LedgerOptions


_DECODER: Final = msgspec.json.Decoder(Marker)
_HINT: Final = 'A line is {"marker_id": "...", "words": ["..."], "choices": ["...", "..."]}.'


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What the verb ``check`` was told."""

    registry: Path
    key_file: Path
    suspect: str
    level: float
    asking: AskingOptions
    recording: LedgerOptions
    showing: ShowingOptions


def plant_markers(registry: Path, key_file: Path, campaigns: Sequence[str], markers: Path) -> str:
    """Add markers to a registry; see the verb ``plant``."""
    given = _read(markers)
    added = plant_all(registry, read_secret(key_file), campaigns, given)
    there = len(campaigns) * len(given) - added
    return f"{added:,} markers planted in {registry}; {there:,} were there already"


def _read(path: Path) -> list[Marker]:
    found: list[Marker] = []
    with opened(str(path)) as stream:
        name = str(path)
        rows = lines_of(stream, name, most_bytes=MAX_LINE_BYTES, most_lines=MOST_MARKERS)
        for _, where, content in rows:
            found.append(decoded(content, _DECODER, where=where, wanted="a marker", hint=_HINT))
    if not found:
        raise InputError("there is no marker in it", where=str(path))
    return found


def list_markers(
    registry: Path, key_file: Path, campaigns: Sequence[str], output_format: str
) -> list[str]:
    """List what was planted; see the verb ``list``."""
    key = read_secret(key_file)
    planted = [
        one for one in read_markers(registry, key) if not campaigns or one.campaign_id in campaigns
    ]
    if output_format == "json":
        return [_for_gateway(one, phrase_of(key, one)) for one in planted]
    return [
        printable(
            f"{one.campaign_id}  {one.marker.marker_id}  {len(one.marker.choices)} choices, for "
            f"questions with {', '.join(one.marker.words)}"
        )
        for one in planted
    ] or ["nothing was planted"]


def _for_gateway(one: PlantedMarker, phrase: str) -> str:
    row = {
        "campaign_id": one.campaign_id,
        "marker_id": one.marker.marker_id,
        "words": one.marker.words,
        "phrase": phrase,
    }
    return msgspec.json.encode(row).decode()


def check_suspect(request: CheckRequest) -> list[str]:
    """Test a suspect; see the verb ``check``."""
    check_recording(request.recording)
    key = read_secret(request.key_file)
    planted = tuple(read_markers(request.registry, key))
    question = CanaryQuestion(planted=planted, key=key, level=request.level)
    MEMBER.check_question(question)  # before an endpoint is asked
    given = given_answers(request.suspect, lambda url: _asked(url, request))
    if given is None:
        return []
    suspect = AnsweredQuestions(
        name=request.suspect, answers=_answers(given.file), notes=given.notes
    )
    report = MEMBER.examine(suspect, question)
    return published(report, request.recording, request.showing, summary)


def _asked(url: str, request: CheckRequest) -> Asked | None:
    if request.asking.prompts is None:
        raise UsageError("an endpoint needs --prompts: questions that the markers fit")
    return answers_of(url, request.asking, (), silent=request.showing.no_progress)


def _answers(file: str) -> tuple[tuple[str, str], ...]:
    """Read questions and answers; lines without an answer are passed over."""
    found: list[tuple[str, str]] = []
    with opened(file) as stream:
        for where, line in given_lines(stream, file):
            if line.schema == ANSWERS_SCHEMA or line.failure:
                continue
            if line.prompt is None or line.text is None:
                raise InputError("a line needs prompt and text", where=where)
            found.append((line.prompt, line.text))
    if not found:
        raise InputError("there is no answer of the suspect", where=file)
    return tuple(found)
