"""The guide *Write a policy* works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cautery.cli.main import run

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-policy.md"


def test_the_guide_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its four files load, their cases pass, and its question is answered."""
    blocks = re.findall(r"```(?:toml|text)\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    policy, rules, pack, cases = (re.sub(r"^    ", "", text, flags=re.MULTILINE) for text in blocks)
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("policy.toml", policy),
        ("house.cedar", rules),
        ("house.toml", pack),
        ("house.cases.toml", cases),
    ):
        (tmp_path / name).write_text(text)
    assert run(["policy", "check", "policy.toml"]) == 0
    assert run(["policy", "test", "policy.toml"]) == 0
    words = ["--set", "request.operation=embeddings", "--set", "account.verification=email"]
    capsys.readouterr()
    assert run(["policy", "explain", "policy.toml", *words]) == 0
    screen = capsys.readouterr().out
    assert "house.embeddings  throttle  (shadow)" in screen
    assert "account.verification = phone" in screen
