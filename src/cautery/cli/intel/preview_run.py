"""What ``cautery intel preview`` shows."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING

from cautery.cli.exits import printable
from cautery.intel.previews import preview_of
from cautery.intel.shared_fields import FIELDS

if TYPE_CHECKING:
    from cautery.cli.intel.sharing_run import ShareRequest
    from cautery.intel.previews import KindPreview, Preview

_NAMED = 8
"""Campaigns that are named; all are counted."""


def show_preview(request: ShareRequest, *, machine: bool) -> int:
    """Show a preview; see the verb ``preview``."""
    from cautery.cli.intel.sharing_run import read_material

    material = read_material(request)
    found = preview_of(material.case, material.observables, material.key, material.choices)
    traced = tuple(name for name in found.campaigns if material.traces.get(name))
    if machine:
        import json

        import msgspec

        rows = [field._asdict() for field in FIELDS]
        document = {"preview": msgspec.to_builtins(found), "fields": rows, "traced": traced}
        print(json.dumps(document, indent=1))
        return 0
    lines = preview_lines(found)
    if request.options.probe:
        lines.insert(4, f"campaigns that suspect models learned from, unnamed: {_names(traced)}")
    for line in lines:
        sys.stdout.write(f"{printable(line)}\n")
    return 0


def preview_lines(preview: Preview) -> list[str]:
    """Write a preview for people.

    Args:
        preview: What an export would share.

    Returns:
        Lines; texts in them are not yet escaped.
    """
    lines = [
        f"campaigns shared: {_names(preview.campaigns)}",
        f"campaigns not shared: {_names(preview.withheld_campaigns)}",
        f"permitted groups, never shared: {preview.permitted_groups:,}",
        f"near misses, never shared: {preview.near_misses:,}",
        "",
        "values of these campaigns",
    ]
    for row in preview.kinds:
        lines += _kind_lines(row)
    for record, fields in groupby(FIELDS, key=lambda field: field.record):
        lines += ["", f"fields of {record}"]
        lines += [f"  {field.field:<24}  {field.how:<9}  {field.why}" for field in fields]
    return lines


def _kind_lines(row: KindPreview) -> list[str]:
    name = row.kind.replace("_", " ")
    lines = [f"  {name:<18}  {row.shared:>7,} shared, {row.form}"]
    return [*lines, *(f"{'':<22}{count:>7,} not: {reason}" for reason, count in row.withheld)]


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{len(names):,} ({', '.join(names[:_NAMED])}{more})" if names else "none"
