"""``cautery report``: hand a case over; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "evidence": "Pack a case for somebody else, signed.",
    "keys": "Draw a key that signs evidence packs.",
    "verify": "Say what holds of an evidence pack, offline.",
}
"""Each verb and its line of help; its file bears the same name."""

report: Final = App(
    name="report",
    help="Hand a case over, and verify what was handed over.",
    help_format="plaintext",
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    report.command(f"cautery.cli.report.{_verb}:{_verb}", name=_verb, help=_line)
