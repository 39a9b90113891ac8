"""``cautery intel``: share campaigns with peers and take their indicators in; one verb a file."""

from __future__ import annotations

from typing import Final

from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "init": "Begin a sharing group's file of epoch keys.",
    "rotate": "Add the next epoch's key and drop those that are over.",
    "preview": "Say field by field what an export would share, and what it would not.",
    "export": "Write a case for peers.",
    "import": "Take a peer's indicators in.",
    "show": "Show the indicators that peers gave.",
    "misp": "Write the templates of our MISP objects, for a MISP server.",
    "values": "Write the values of a case's campaigns down, to match them with a peer.",
    "match": "Find out with one peer which values both know, showing none of the others.",
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
    # A trailing underscore where the verb is a word of the language's own.
    _name = f"{_verb}_" if _verb == "import" else _verb
    intel.command(f"cautery.cli.intel.{_name}:{_name}", name=_verb, help=_line)
