"""All verbs of the command line with what they take, as the parser knows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from cyclopts import App, Argument, ArgumentCollection

from cautery.cli.main import make_app


def commands() -> dict[str, list[Argument]]:
    """List every verb that does something, by its words, with its arguments and options."""
    return dict(_below(make_app(), ()))


def _below(app: App, words: tuple[str, ...]) -> Iterator[tuple[str, list[Argument]]]:
    if app.default_command is not None:
        yield " ".join(words), list(app.assemble_argument_collection())
    for name in app:
        if not name.startswith("-"):
            yield from _below(app[name], (*words, name))


def given(words: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    """Parse a call, and give its verb and the words of each argument and option by its name."""
    found: dict[str, list[str]] = {}

    def note(_app: App, verb: tuple[str, ...], arguments: ArgumentCollection) -> None:
        found["verb"] = list(verb)
        found.update({one.name: [each.value for each in one.tokens] for one in arguments})

    app = make_app()
    app.config = note
    app.parse_args(list(words))
    return " ".join(found.pop("verb")), found


def is_path(argument: Argument) -> bool:
    """Say whether an argument is a path, or several."""
    return _has_path(argument.hint)


def _has_path(hint: Any) -> bool:
    return hint is Path or any(map(_has_path, get_args(hint)))
