"""``cautery resist``: make outputs worse lessons, and measure whether they are; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "apply": "Change answers as a risk tier's defences would, with an audit.",
    "evaluate": "Teach passive and adaptive students under each defence, and compare.",
}
"""Each verb and its line of help; its file bears the same name."""

resist: Final = App(
    name="resist",
    help="Make outputs worse lessons, and measure on students whether they are.",
    help_format="plaintext",
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    resist.command(f"cautery.cli.resist.{_verb}:{_verb}", name=_verb, help=_line)
