"""Shows how one log line is read: a tree with a mark for each field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cautery.errors import NoInputError, UsageError
from cautery.plain_files import why_no_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.line import FieldExplanation, LineExplanation
    from cautery.report.style import Style

MARKS: Final = {"ok": ("✓", "+"), "missing": ("-", "-"), "unreadable": ("✗", "x")}
"""Mark of each state, and what an ASCII terminal gets."""

_HEAD_BYTES: Final = 64 * 1024
"""How much of a log is looked at to tell lines, rows and arrays apart."""

_BRANCHES: Final = ("├", "└"), ("|", "`")


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedLine:
    """One line of a log, taken out for a look."""

    name: str
    """File and line number."""
    text: bytes
    """The line; a CSV row has its header line before it."""


def pick_line(place: str, standard_input: BinaryIO) -> PickedLine:
    """Take one line out of a log.

    Args:
        place: ``FILE`` (its first line), ``FILE:NUMBER``, or ``-`` for standard input.
        standard_input: Where ``-`` is read from.

    Returns:
        The line.

    Raises:
        NoInputError: There is no such file or line.
        UsageError: The file has no lines to look at.
    """
    from cautery.ingest.streams import OpenLog, compression_errors

    if place == "-":
        return _picked("-", standard_input, 1)
    path, number = _split(place)
    if path.is_dir():
        raise NoInputError("this is a folder", where=place, hint="Name a log: FILE or FILE:NUMBER.")
    problem = why_no_file(path)
    if problem:
        from cautery.ingest.log_files import did_you_mean

        hint = "" if path.exists() else did_you_mean(str(path))
        raise NoInputError(problem, where=place, hint=hint)
    log = OpenLog(path, lambda _: None)
    try:
        if log.is_parquet:
            raise UsageError("a Parquet file has no lines", where=place)
        with compression_errors(str(path)):
            return _picked(str(path), log.stream, number)
    finally:
        log.close()


def _split(place: str) -> tuple[Path, int]:
    name, colon, digits = place.rpartition(":")
    numbered = colon and digits.isascii() and digits.isdigit() and len(digits) < 16
    if numbered and not Path(place).exists():
        return Path(name), int(digits)
    return Path(place), 1


def _picked(name: str, stream: BinaryIO, number: int) -> PickedLine:
    from cautery.ingest.json_arrays import array_items, is_array
    from cautery.ingest.lines import bounded_lines
    from cautery.ingest.options import LINE_BYTES
    from cautery.ingest.sniffing import looks_like_csv

    head = stream.read(_HEAD_BYTES)
    whole = _HeadAndRest(head, stream)
    split = array_items if is_array(head) else bounded_lines
    lines = split(whole, LINE_BYTES)
    header = b""
    if looks_like_csv(head):
        header = next((line.text for line in lines), b"") + b"\n"
    for line in lines:
        if line.number >= number:
            return PickedLine(name=f"{name}:{line.number}", text=header + line.text)
    raise NoInputError("there is no such line", where=f"{name}:{number}")


class _HeadAndRest:
    """A stream that was begun, as if it were not."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes:
        """Read the head first, whatever the size."""
        head, self._head = self._head, b""
        return head or self._rest.read(size)


def tree_lines(picked: PickedLine, explanation: LineExplanation, style: Style) -> Iterator[str]:
    """Draw how a line is read.

    Args:
        picked: The line.
        explanation: What the reader made of it.
        style: The terminal.

    Yields:
        Lines without line feeds; every text of the log in them is escaped.
    """
    fork, last = _BRANCHES[0 if style.unicode else 1]
    yield from _cut([f"line {style.text(picked.name)}"], style)
    sure = f"{100 * explanation.confidence:.0f} % sure"
    heads = [f"format {style.text(explanation.format)} ({sure})"]
    if explanation.rejected:
        heads.append(f"{_mark('unreadable', style)} rejected: {style.text(explanation.rejected)}")
    else:
        heads.append(f"{_mark('ok', style)} exchanges in it: {explanation.exchanges}")
    heads += [f"note: {style.text(note)}" for note in explanation.notes]
    yield from _cut([f" {fork} {head}" for head in heads], style)
    told = [field for field in explanation.fields if field.state != "missing"]
    if not told:
        yield f" {last} no field was read"
        return
    yield f" {fork} fields"
    for position, field in enumerate(told):
        branch = last if position == len(told) - 1 else fork
        stem = "│" if style.unicode else "|"
        yield from _cut([f" {stem}  {branch} {_field(field, style)}"], style)
    yield from _missing(explanation, style, last)


def _missing(explanation: LineExplanation, style: Style, last: str) -> Iterator[str]:
    """Name the columns that the line does not fill, and where they were looked for."""
    from cautery.report.text_width import wrap

    names = []
    for field in explanation.fields:
        if field.state == "missing":
            source = style.text(field.source)
            elsewhere = source and source != field.column
            names.append(f"{field.column} ({source})" if elsewhere else field.column)
    text = ", ".join(names) or "nothing"
    lead = f"{_mark('missing', style)} not in this line (and where it was looked for): "
    yield from wrap(lead + text, style.width, first=f" {last} ", indent="     ")


def _mark(state: str, style: Style) -> str:
    return MARKS[state][0 if style.unicode else 1]


def _field(field: FieldExplanation, style: Style) -> str:
    from cautery.report.text_width import pad, shorten

    name = f"{_mark(field.state, style)} {pad(style.text(field.column), 20)}"
    value = shorten(style.text(field.value), max(16, style.width - 60), mark=style.ellipsis)
    source = f" from {style.text(field.source)}" if field.source else ""
    reason = f": {style.text(field.reason)}" if field.reason else ""
    return f"{name} {value}{source}{reason}"


def _cut(lines: list[str], style: Style) -> Iterator[str]:
    from cautery.report.text_width import shorten

    for line in lines:
        yield shorten(line, style.width, mark=style.ellipsis)


def explain_log_line(
    place: str, format_name: str, mapping: Path | None, standard_input: BinaryIO, style: Style
) -> Iterator[str]:
    """Read one line of a log and draw how.

    Args:
        place: ``FILE``, ``FILE:NUMBER`` or ``-``.
        format_name: Name of a log format, or ``auto``.
        mapping: Mapping file of one's own; None without.
        standard_input: Where ``-`` is read from.
        style: The terminal.

    Returns:
        The lines.

    Raises:
        CauteryError: The line cannot be found, or nobody can tell its format.
    """
    from cautery.ingest.line import explain_line
    from cautery.ingest.options import IngestOptions

    picked = pick_line(place, standard_input)
    options = IngestOptions(logs=("-",), format=format_name, mapping=mapping)
    chosen = None if format_name == "auto" else format_name
    return tree_lines(picked, explain_line(picked.text, chosen, options), style)
