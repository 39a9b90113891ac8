"""Pieces of configurations on pages about the guard are ones that it would take."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cautery.guard.configuration_sections import REPEATED, SECTIONS
from cautery.guard.configuration_values import read_value

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGES = (
    "issue-keys.md",
    "put-a-guard-in-front.md",
    "run-the-guard-so-that-it-enforces.md",
    "sender-constrained-tokens.md",
)
PIECE = re.compile(r"^( *)```toml\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
FILES = {"file", "folder", "path"}


def pieces_of(page: str) -> list[dict[str, Any]]:
    """Read the pieces of a page."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return [
        tomllib.loads(re.sub(f"^{indent}", "", piece, flags=re.MULTILINE))
        for indent, piece in PIECE.findall(text)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_section_and_key_is_known(page: str) -> None:
    """No piece names what the guard would refuse, and values are of their kinds."""
    pieces = pieces_of(page)
    assert pieces
    for piece in pieces:
        for name, found in piece.items():
            assert isinstance(found, list) == (name in REPEATED), name
            known = {one.name: one.metadata["setting"] for one in fields(SECTIONS[name])}
            for section in found if isinstance(found, list) else [found]:
                assert section.keys() <= known.keys(), section
                for key, value in section.items():
                    if known[key].kind not in FILES:
                        read_value(known[key], value, HOW_TO)
