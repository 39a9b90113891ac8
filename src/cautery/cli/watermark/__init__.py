"""``cautery watermark``: verify and embed watermarks, and keep their keys; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "calibrate": "Measure false alarms on your own texts, with keys that marked nothing.",
    "detect": "Test texts for a watermark.",
    "embed": "Generate marked texts with a local model.",
    "keys": "Keep the keys: begin a ring, add epochs, derive, export, retire.",
    "power": "Say how many tokens a text must have.",
    "profile": "Check a profile, or write a new one.",
}
"""Each verb and its line of help; its file bears the same name."""

watermark: Final = App(
    name="watermark",
    help="Verify and embed watermarks of every engine, and keep their keys.",
    help_format="plaintext",
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    watermark.command(f"cautery.cli.watermark.{_verb}:{_verb}", name=_verb, help=_line)
