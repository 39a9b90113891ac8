"""``cautery policy list``: the packs that come with cautery, or are installed beside it."""

from __future__ import annotations


def list_() -> int:
    """List packs: how old each is, how many rules it has, and what it is about.

    None of them is legal advice.

    Returns:
        The exit code.
    """
    from cautery.cli.policy.columns import print_columns
    from cautery.policy.pack import load_pack
    from cautery.policy.sources import PolicySources
    from cautery.registry import PACKS

    packs = [load_pack(PolicySources({}), member.name) for member in PACKS.load_all()]
    rows = [(pack.name, str(pack.dated), len(pack.rules), pack.description) for pack in packs]
    print_columns(("pack", "dated", "rules", "not legal advice"), rows)
    return 0
