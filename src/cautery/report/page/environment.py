"""The templates of the page: nothing of a log gets into it but escaped, twice over.

Every text that a template prints first loses what is invisible or reorders lines, as on a terminal
(``sanitise.terminal_text``), and is then escaped for HTML by Jinja2. Both happen where a template
prints, so that no template can forget them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cautery.report import figures
from cautery.report.sanitise import terminal_text

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_CHARACTERS: Final = 2_000
"""Characters of one text from a log that the page shows: a long template, never a book."""

_PATH: Final = re.compile(r"[MQahvz0-9 .-]*")
_SYMBOLS: Final = {"very likely": "●", "likely": "◐", "watch": "○", "": "·"}


def page_text(text: str) -> str:
    r"""Make a hostile text inert and short enough for a page, before it is escaped for HTML.

    Letters of right-to-left scripts stay: the page isolates each text, so that they reorder
    nothing around them.

    Args:
        text: Any text.

    Returns:
        One line; cut texts end in an ellipsis.

    Example:
        >>> page_text("a\u202e<b>")
        'a\\u202e<b>'
    """
    short = terminal_text(text[:MOST_CHARACTERS], right_to_left=True)
    return short if len(text) <= MOST_CHARACTERS else short + "…"


@cache
def environment() -> Environment:
    """Make the environment that renders the page's templates.

    Returns:
        An environment with escaping on, in which an unknown name is an error.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("cautery.report.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "amount": figures.amount,
        "chance": figures.chance,
        "counted": figures.counted,
        "drawing": drawing,
        "day": figures.day,
        "moment": figures.moment,
        "rate": figures.rate,
        "share": figures.share,
        "signed": figures.signed,
        "size": figures.size,
        "spoken": spoken,
        "symbol": _SYMBOLS.__getitem__,
        "thousands": figures.thousands,
    }
    return made


def drawing(path: str) -> Any:
    """Let a path of our own through as it is, however long.

    Args:
        path: Commands and numbers of an SVG path.

    Returns:
        Markup.

    Raises:
        ValueError: There is more in it: a fault of ours.
    """
    from markupsafe import Markup

    if not _PATH.fullmatch(path):
        raise ValueError("a path may hold commands and numbers only")
    return Markup(path)  # noqa: S704 - checked in the line above


def spoken(name: str) -> str:
    """Write the name of a signal or a link as people say it.

    Args:
        name: As the shelf has it.

    Returns:
        Its words.

    Example:
        >>> spoken("signature_replay")
        'signature replay'
    """
    return name.replace("_", " ")


def _inert(printed: Any) -> Any:
    """Make what a template prints inert; markup of our own goes through as it is."""
    from markupsafe import Markup

    if isinstance(printed, str) and not isinstance(printed, Markup):
        return page_text(printed)
    return printed
