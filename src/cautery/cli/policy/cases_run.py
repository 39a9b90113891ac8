"""What ``cautery policy test`` does and says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cautery.cli.exits import Exit, printable
from cautery.errors import UsageError
from cautery.policy.cases import CasesResult, run_pack_cases, run_set_cases
from cautery.policy.pack import load_pack
from cautery.policy.policy_set import load_policy_set
from cautery.policy.sources import PolicySources, read_text


def run_test(path: Path, cases: Sequence[Path]) -> int:
    """Ask cases.

    Args:
        path: A ``policy.toml``, or a pack's ``.cedar`` file.
        cases: Files of cases for the whole set.

    Returns:
        0 if all went as they should, else 1.

    Raises:
        CauteryError: A file is wrong.
    """
    if path.suffix == ".cedar":
        if cases:
            raise UsageError("--cases are asked of a whole set", hint="Name a policy.toml.")
        sources = PolicySources({}, path.parent)
        results = [run_pack_cases(load_pack(sources, path.name, str(path)))]
    else:
        policy = load_policy_set(path)
        results = [run_pack_cases(pack) for pack in policy.packs]
        results += [run_set_cases(policy, read_text(file, str(file)), str(file)) for file in cases]
    for result in results:
        _print(result)
    wrong = sum(len(result.faults) for result in results)
    asked = sum(result.cases for result in results)
    removals = sum(result.removals for result in results)
    print(f"{asked:,} cases, {removals:,} times with a fact less: {wrong:,} went wrong")
    return Exit.FINDINGS if wrong else Exit.RAN


def _print(result: CasesResult) -> None:
    state = "wrong" if result.faults else "ok"
    print(f"{state:<5}  {printable(result.name)}: {result.cases} cases")
    for fault in result.faults:
        print(f"       {printable(fault.where)}: {printable(fault.case)}")
        print(f"           {printable(fault.what)}")
