"""Draws a waterfall: what was observed, what is usual, signed bits, and their sum."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from cautery.report.figures import signed
from cautery.report.text_width import pad, shorten, width, wrap
from cautery.report.waterfall import PRIOR

if TYPE_CHECKING:
    from cautery.report.style import Style
    from cautery.report.waterfall import Waterfall, WaterfallRow

_INDENT: Final = 3
_BITS: Final = 7
_WIDE_ENOUGH: Final = 100
"""From here on observed and usual stand in columns of their own, below they get a line."""

_CELL_LINES: Final = 3
"""Lines that one cell may take before it is cut."""


def waterfall_lines(fall: Waterfall, style: Style, title: str) -> list[str]:
    """Draw a waterfall.

    Args:
        fall: The rows and their sum.
        style: The terminal.
        title: Stands above the labels, for example *why very likely*; our own words.

    Returns:
        The lines; the printed bits add up to the printed sum.
    """
    if style.width >= _WIDE_ENOUGH:
        lines = _heading(title, style)
        for row in _rows(fall):
            lines += _wide_row(row, style)
    else:
        lines = [pad(f"  {title}", style.width - _BITS) + pad("bits", _BITS, right=True)]
        for row in _rows(fall):
            lines += _narrow_row(row, style)
    return [*lines, *_sum_lines(fall, style), *_missing_lines(fall, style)]


def _rows(fall: Waterfall) -> tuple[WaterfallRow, ...]:
    return (fall.prior, *fall.rows) if fall.prior else fall.rows


def _label(row: WaterfallRow, style: Style) -> str:
    sign = "+" if row.tenth_bits >= 0 else "-"
    if row.weight.signal == PRIOR:
        sign = " "
    return f"{sign} {style.text(row.weight.label or row.weight.signal)}"


def _column_widths(style: Style) -> tuple[int, int, int]:
    room = style.width - _INDENT - _BITS - 2
    label = min(44, room * 38 // 100)
    observed = (room - label) * 56 // 100
    return label, observed, room - label - observed


def _heading(title: str, style: Style) -> list[str]:
    label, observed, usual = _column_widths(style)
    title = shorten(f"  {title}", label + _INDENT, mark=style.ellipsis)
    titles = (pad(title, label + _INDENT), pad("observed", observed), pad("usual", usual))
    return [" ".join(titles) + pad("bits", _BITS, right=True)]


def _wide_row(row: WaterfallRow, style: Style) -> list[str]:
    widths = _column_widths(style)
    texts = (
        _label(row, style),
        style.text(row.weight.observed),
        style.text(row.weight.usual),
    )
    cells = [
        _cell(text, columns - 1, style, indent="  " if index == 0 else "")
        for index, (text, columns) in enumerate(zip(texts, widths, strict=True))
    ]
    lines: list[str] = []
    for parts in zip_longest(*cells, fillvalue=""):
        body = " ".join(pad(part, columns) for part, columns in zip(parts, widths, strict=True))
        bits = "" if lines else pad(signed(row.tenth_bits), _BITS, right=True)
        lines.append((" " * _INDENT + body + bits).rstrip())
    return lines


def _cell(text: str, columns: int, style: Style, *, indent: str = "") -> list[str]:
    lines = wrap(text, columns, indent=indent)
    if len(lines) <= _CELL_LINES:
        return lines
    last = shorten(lines[_CELL_LINES - 1], columns - width(style.ellipsis), mark="")
    return [*lines[: _CELL_LINES - 1], last + style.ellipsis]


def _narrow_row(row: WaterfallRow, style: Style) -> list[str]:
    room = style.width - _INDENT - _BITS
    label = shorten(_label(row, style), room - 1, mark=style.ellipsis)
    bits = pad(signed(row.tenth_bits), _BITS, right=True)
    facts = [style.text(row.weight.observed)] if row.weight.observed else []
    if row.weight.usual:
        facts.append(f"usual {style.text(row.weight.usual)}")
    if not facts:
        return [" " * _INDENT + pad(label, room) + bits]
    said = _cell("; ".join(facts), style.width - _BITS - _INDENT - 4, style)
    return [" " * _INDENT + pad(label, room) + bits, *(f"{' ' * (_INDENT + 4)}{s}" for s in said)]


def _sum_lines(fall: Waterfall, style: Style) -> list[str]:
    lines: list[str] = []
    if fall.unexplained_tenth_bits:
        label = " " * _INDENT + "  rounding and limits, not itemised"
        bits = pad(signed(fall.unexplained_tenth_bits), _BITS, right=True)
        lines.append(pad(label, style.width - _BITS) + bits)
    more = f"  {fall.more} more (net {signed(fall.more_tenth_bits)})" if fall.more else ""
    total = f"sum {pad(signed(fall.sum_tenth_bits), _BITS, right=True)}"
    body = pad(" " * _INDENT + more, style.width - len(total))
    return [*lines, body + total]


def _missing_lines(fall: Waterfall, style: Style) -> list[str]:
    if not fall.missing:
        return []
    labels = ", ".join(style.text(weight.label or weight.signal) for weight in fall.missing)
    indent = " " * (_INDENT + 2)
    first = " " * _INDENT
    return wrap(f"- not in this log: {labels}", style.width, first=first, indent=indent)
