"""``cautery report``: a finding as something that can be handed over; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "evidence": "Pack a case for somebody else, signed.",
    "findings": "Write the findings of a case for a SIEM, one a line.",
    "html": "Write the report of a case as one page, or as PDF.",
    "keys": "Draw a key that signs evidence packs.",
    "open": "Open the report of a case in a browser.",
    "verify": "Say what holds of an evidence pack, offline.",
}
"""Each verb and its line of help; its file bears the same name."""

report: Final = App(
    name="report", help="Write and open what a case is handed over as.", help_format="plaintext"
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    _name = f"{_verb}_" if _verb == "open" else _verb
    report.command(f"cautery.cli.report.{_verb}:{_name}", name=_verb, help=_line)
