"""``cautery intel``: share campaigns with peers and take their indicators in; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "serve": "Serve collections to peers over TAXII 2.1.",
    "push": "Push STIX bundles to a collection of a TAXII 2.1 server.",
    "pull": "Fetch what is new in a collection of a TAXII 2.1 server.",
}
"""Each verb and its line of help; its file bears the same name."""

intel: Final = App(
    name="intel",
    help="Share campaigns with peers, match without showing, and take indicators in.",
    help_format="plaintext",
)
"""The verb; its own verbs are in the files of this folder."""

for _verb, _line in VERBS.items():
    intel.command(f"cautery.cli.intel.{_verb}:{_verb}", name=_verb, help=_line)
