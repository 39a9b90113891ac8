"""``cautery ledger``: keep, verify and prove what was decided; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "init": "Begin a ledger.",
    "show": "Show records.",
    "verify": "Verify a ledger, or an evidence pack.",
    "prove": "Write an evidence pack, which verifies offline.",
    "erase": "Erase records for good; the ledger says that they were there.",
    "witness": "Have somebody else sign that the ledger only grows, or sign it.",
    "stamp": "Have somebody else say when the ledger was as it is.",
}
"""Each verb and its line of help; its file bears the same name."""

ledger: Final = App(
    name="ledger", help="Keep, verify and prove what was decided.", help_format="plaintext"
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    ledger.command(f"cautery.cli.ledger.{_verb}:{_verb}", name=_verb, help=_line)
