"""Pieces of configurations on pages about the guard are ones that it would take."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cautery.cli.main import run
from cautery.guard.configuration_sections import REPEATED, SECTIONS
from cautery.guard.configuration_values import read_value

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
INSIDE = ("guard-inside-fastapi.md", "guard-inside-vllm.md")
PAGES = (
    *INSIDE,
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


@pytest.mark.parametrize("page", [*INSIDE, "gateways/litellm-plugin.toml"])
def test_files_of_a_guard_inside_another_server(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is whole: ``cautery guard check`` takes it as it stands."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    whole = text if page.endswith(".toml") else next(piece for _, piece in PIECE.findall(text))
    (tmp_path / "guard.toml").write_text(whole)
    (tmp_path / "pepper").write_text("5a" * 32)
    (tmp_path / "records").mkdir()
    assert run(["guard", "check", str(tmp_path / "guard.toml")]) == 0, capsys.readouterr().out
    assert "inside another server" in capsys.readouterr().out
