"""What no path of the command line may be: empty, which would mean the current folder.

``cautery scan LOG -o "$FOLDER"`` with a variable that nobody has set would scatter its results over
whatever folder one stands in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from cautery.errors import UsageError

if TYPE_CHECKING:
    from cyclopts import App, ArgumentCollection


def check_paths(_app: App, _commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Refuse a word that is no path where one belongs; the parser calls this for every verb.

    Args:
        _app: The verb; what it is plays no part.
        _commands: Its name, likewise.
        arguments: What it takes, with the words that were given.

    Raises:
        UsageError: A path was given as an empty word, or as one with a NUL in it.
    """
    for argument in arguments:
        for token in argument.tokens if _is_path(argument.hint) else ():
            if "\0" in token.value:
                raise UsageError("a word of the call has a NUL in it")
            if not token.value:
                raise UsageError(
                    "the path is empty",
                    where=token.keyword or argument.name.lstrip("-").upper(),
                    hint="Is a variable of the shell empty? A dot names the current folder.",
                )


def _is_path(hint: Any) -> bool:
    return hint is Path or any(map(_is_path, get_args(hint)))
