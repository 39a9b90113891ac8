"""What the verb ``misp`` of ``cautery intel`` does."""

from __future__ import annotations

import sys
from pathlib import Path

from cautery.cli.exits import printable
from cautery.errors import OutputError
from cautery.intel.misp_templates import TEMPLATES, template_text


def write_templates(folder: Path) -> int:
    """Write the templates; see the verb ``misp``."""
    for name in TEMPLATES:
        path = folder / name / "definition.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(template_text(name), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", where=str(path)) from error
        print(f"wrote {printable(str(path))}", file=sys.stderr)
    return 0
