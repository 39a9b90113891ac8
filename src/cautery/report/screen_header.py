"""The top of the screen: what was read, which signals it feeds, and notes on the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.report.figures import counted, moment, size, thousands
from cautery.report.table import TableColumn, table_lines
from cautery.report.text_width import wrap, wrap_parts

if TYPE_CHECKING:
    from cautery.records.case import Case, InputFile, MissingSignal
    from cautery.report.style import Style

_LISTED_FILES: Final = 4
"""Files that are listed by name unless all are asked for."""

_LISTED_FIXES: Final = 6
"""Missing signals whose remedy is told unless all are asked for."""


def header_lines(case: Case, style: Style, *, everything: bool) -> list[str]:
    """Say what was read and what the log could not tell.

    Args:
        case: The result of a scan.
        style: The terminal.
        everything: List all files and all remedies.

    Returns:
        The lines above the headline.
    """
    return [
        *_title(case, style),
        *_files(case.input.files, style, everything=everything),
        *_read(case, style),
        *_signals(case, style, everything=everything),
        *_notes(case, style),
    ]


def _title(case: Case, style: Style) -> list[str]:
    files = case.input.files
    formats = sorted({style.text(file.format) for file in files})
    parts = [
        f"{style.text(case.tool.name)} {style.text(case.tool.version)}",
        f"{counted(len(files), 'file')}, {size(sum(file.bytes for file in files))}",
        f"{'format' if len(formats) == 1 else 'formats'}: {', '.join(formats) or '-'}",
        "times in UTC",
    ]
    return wrap_parts(parts, style.width)


def _files(files: tuple[InputFile, ...], style: Style, *, everything: bool) -> list[str]:
    listed = files if everything else files[:_LISTED_FILES]
    if not listed:
        return []
    columns = [
        TableColumn(title="", cells=tuple(size(file.bytes) for file in listed), right=True),
        TableColumn(
            title="",
            cells=tuple(f"{thousands(file.lines)} lines" for file in listed),
            right=True,
            drop=1,
        ),
        TableColumn(title="", cells=tuple(style.text(file.format) for file in listed), at_most=24),
        TableColumn(title="", cells=tuple(style.text(file.name) for file in listed)),
    ]
    lines = table_lines(columns, style, indent="  ")[1:]
    if len(listed) < len(files):
        lines.append(f"  {counted(len(files) - len(listed), 'more file')} (--all lists them)")
    return lines


def _read(case: Case, style: Style) -> list[str]:
    summary = case.input
    parts = [
        f"read {counted(summary.exchanges, 'exchange')}, rejected {thousands(summary.rejected)}",
        counted(summary.accounts, "account"),
    ]
    if summary.from_time or summary.to_time:
        begin, end = (style.text(moment(t)) for t in (summary.from_time, summary.to_time))
        parts.append(f"{begin} .. {end} UTC")
    if summary.account_table_rows:
        parts.append(f"account table {counted(summary.account_table_rows, 'row')}")
    if summary.release_table_rows:
        parts.append(f"release table {counted(summary.release_table_rows, 'row')}")
    return wrap_parts(parts, style.width)


def _signals(case: Case, style: Style, *, everything: bool) -> list[str]:
    used, missing = case.signals.used, case.signals.missing
    text = f"signals used {len(used)} of {len(used) + len(missing)}"
    if missing:
        names = ", ".join(style.text(signal.name) for signal in missing)
        text = f"{text} | not in this log: {names}"
    lines = wrap(text, style.width, indent="  ")
    fixes = _fixes(missing, style)
    shown = fixes if everything else fixes[:_LISTED_FIXES]
    for fix in shown:
        lines += wrap(fix, style.width, first="  - ", indent="    ")
    if len(shown) < len(fixes):
        lines.append(f"  {counted(len(fixes) - len(shown), 'more remedy')} (--all lists them)")
    return [line.replace("remedys", "remedies") for line in lines]


def _fixes(missing: tuple[MissingSignal, ...], style: Style) -> list[str]:
    """Say each remedy once, with the signals that it would bring."""
    by_fix: dict[str, list[str]] = {}
    for signal in missing:
        if signal.fix:
            by_fix.setdefault(signal.fix, []).append(style.text(signal.name))
    return [f"{', '.join(names)}: {style.text(fix)}" for fix, names in by_fix.items()]


def _notes(case: Case, style: Style) -> list[str]:
    lines: list[str] = []
    for note in case.notes:
        text = style.text(note)
        if not text.startswith(("note:", "warning:")):
            text = f"note: {text}"
        lines += wrap(text, style.width, indent="  ")
    return lines
