"""``cautery policy``: check, test, backtest and explain rules in Cedar; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "check": "Load a policy set, check every rule, and say what it is.",
    "test": "Ask the allow and deny cases beside packs, and your own.",
    "backtest": "Ask a policy set about the past: who is caught, and who beside.",
    "explain": "Ask about one request: which rules fire, why, what would change it.",
    "list": "List the packs that come with cautery.",
    "ownership": "Resolve who owns organisations, through chains and circles.",
}
"""Each verb and its line of help; its file bears the same name."""

policy: Final = App(
    name="policy",
    help="Check, test, backtest and explain rules about requests. Packs are not legal advice.",
    help_format="plaintext",
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    _name = "list_" if _verb == "list" else _verb
    policy.command(f"cautery.cli.policy.{_verb}:{_name}", name=_verb, help=_line)
