"""``cautery provenance``: whose text is it, and whose model; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "model": "Say whether a suspect model learned from text that our keys marked.",
    "guardrails": "Say what safety a suspect model lost against its presumed teacher.",
    "lineage": "Say whether a suspect model's next tokens betray a teacher, without a watermark.",
    "canary": "Plant keyed markers by a gateway, and say whether a suspect repeats them.",
    "text": "Say whose keys marked a text, with a certificate.",
    "fingerprints": "Keep fingerprints of answers, and find a piece of text among them.",
}
"""Each verb and its line of help; its file bears the same name."""

provenance: Final = App(
    name="provenance", help="Say whose text it is, and whose model.", help_format="plaintext"
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    provenance.command(f"cautery.cli.provenance.{_verb}:{_verb}", name=_verb, help=_line)
