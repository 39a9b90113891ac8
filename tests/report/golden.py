"""Golden files of the report room; ``CAUTERY_UPDATE_GOLDEN=1`` writes them again for review."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "report"


def golden(name: str, text: str) -> str:
    """Give the stored text, after storing a new one if that was asked for."""
    path = FOLDER / name
    if os.environ.get("CAUTERY_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")
