"""``cautery guard``: stand in front of a model server; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "check": "Check a configuration file, and name everything that is wrong in it.",
    "publish": "Publish a scan's verdicts and an account table to guards.",
    "serve": "Serve as a reverse proxy, as a decision service, or both.",
}
"""Each verb and its line of help; its file bears the same name."""

guard: Final = App(
    name="guard",
    help="Stand in front of a model server: recognise, decide, answer, record.",
    help_format="plaintext",
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    guard.command(f"cautery.cli.guard.{_verb}:{_verb}", name=_verb, help=_line)
