"""Writes small policy sets of one pack of one's own."""

from __future__ import annotations

from pathlib import Path

PACK = """schema = "cautery.policy-pack/1"
name = "house"
description = "Rules of the house."
dated = 2026-11-01
notice = "Not legal advice."

[[sources]]
text = "the tests"
dated = 2026-11-01
"""

RULE = """// A rule of the house.
@id("house.{name}")
@action("{action}")
@text("A rule of the tests.")
@basis("the tests"){more}
forbid (principal, action, resource)
when {{ {condition} }};
"""

CASES = """schema = "cautery.policy-cases/1"

[[cases]]
name = "let through"
expect = []
"""


def rule(condition: str, name: str = "one", action: str = "block", more: str = "") -> str:
    """Write a rule in Cedar."""
    return RULE.format(name=name, action=action, condition=condition, more=more)


def write_house(
    folder: Path,
    rules: str,
    *,
    policy: str = "",
    pack: str = PACK,
    cases: str = CASES,
) -> Path:
    """Write a policy set with one pack of one's own; gives its ``policy.toml``."""
    (folder / "house.cedar").write_text(rules)
    (folder / "house.toml").write_text(pack)
    (folder / "house.cases.toml").write_text(cases)
    path = folder / "policy.toml"
    path.write_text(f'schema = "cautery.policy/1"\npacks = ["house.cedar"]\n{policy}')
    return path
