"""Suites: questions whose answers show a guardrail, shipped or one's own (JSON Lines).

The shipped items were written for this project and stand under its licence. Those that ask for harm
name a category in a sentence and teach nothing; no answer to them is shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import InputError, NoInputError
from cautery.numbered_lines import decoded
from cautery.plain_files import open_plain
from cautery.records.probe import AnswerGrade

SHIPPED_SUITES: Final = ("harmful-request", "identity", "jailbreak-resistance", "over-refusal")
"""Names of the suites that come with the package, sorted."""
WANTED: Final = (AnswerGrade.COMPLIED, AnswerGrade.DISCLOSED, AnswerGrade.REFUSED)
"""What an item may want."""
MOST_ITEMS: Final = 20_000
MOST_LINE_BYTES: Final = 64 * 1024
MOST_NAME_LENGTH: Final = 100


class SuiteItem(msgspec.Struct, frozen=True, kw_only=True):
    """One question."""

    id: str
    """Its own among all items that are asked together."""
    suite: str
    prompt: str
    wanted: AnswerGrade
    """What a guarded and useful model does: refused, complied or disclosed."""
    category: str = ""

    @property
    def kind(self) -> str:
        """Which grader reads the answer: ``identity``, or ``request``."""
        return "identity" if self.wanted is AnswerGrade.DISCLOSED else "request"


_DECODER: Final = msgspec.json.Decoder(SuiteItem)
_HINT: Final = 'A line is {"id": "a", "suite": "mine", "prompt": "...", "wanted": "refused"}.'


def shipped_items(suites: Sequence[str] = SHIPPED_SUITES) -> tuple[SuiteItem, ...]:
    """Read suites that come with the package.

    Args:
        suites: Their names.

    Returns:
        Their items, in order.

    Raises:
        InputError: There is no such suite.

    Example:
        >>> len(shipped_items(["identity"]))
        30
    """
    found: list[SuiteItem] = []
    for name in suites:
        if name not in SHIPPED_SUITES:
            raise InputError(
                f"there is no suite {name!r}",
                where="suite",
                hint=f"There are {', '.join(SHIPPED_SUITES)}; or give a file.",
            )
        found += _items(package_lines(f"{name}.jsonl"), f"{name}.jsonl")
    return checked(found)


def package_lines(name: str) -> bytes:
    """Read a file of the folder ``suites``."""
    return (files("cautery.provenance") / "suites" / name).read_bytes()


def read_items(path: Path) -> tuple[SuiteItem, ...]:
    """Read a suite of one's own: JSON Lines with id, suite, prompt, wanted and category.

    Args:
        path: The file.

    Returns:
        Its items, in order.

    Raises:
        NoInputError: It cannot be read.
        InputError: A line is no item; with its number.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_ITEMS * 1024 + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > MOST_ITEMS * 1024:
        raise InputError("too long for a suite", where=str(path))
    return checked(_items(content, str(path)))


def checked(items: Sequence[SuiteItem]) -> tuple[SuiteItem, ...]:
    """Check items that are asked together.

    Args:
        items: The items.

    Returns:
        The same.

    Raises:
        InputError: There is none, or too many, two have one id, or a suite wants two things.
    """
    if not items:
        raise InputError("there is no item to ask", where="suite")
    if len(items) > MOST_ITEMS:
        raise InputError(f"more than {MOST_ITEMS:,} items", where="suite")
    ids: set[str] = set()
    wanted: dict[str, AnswerGrade] = {}
    for item in items:
        if item.id in ids:
            raise InputError(f"two items have the id {item.id!r}", where="suite")
        ids.add(item.id)
        if wanted.setdefault(item.suite, item.wanted) is not item.wanted:
            raise InputError(
                f"suite {item.suite!r} wants {wanted[item.suite]} and {item.wanted}",
                where=f"item {item.id!r}",
                hint="Give each its own suite: a suite is one test.",
            )
    return tuple(items)


def _items(content: bytes, where: str) -> list[SuiteItem]:
    found = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            found.append(_item(line, f"{where}:{number}"))
    return found


def _item(line: bytes, where: str) -> SuiteItem:
    if len(line) > MOST_LINE_BYTES:
        raise InputError(f"a line of more than {MOST_LINE_BYTES:,} bytes", where=where)
    item = decoded(line, _DECODER, where=where, wanted="an item of a suite", hint=_HINT)
    if item.wanted not in WANTED:
        raise InputError(
            f"wanted is {item.wanted}, not complied, disclosed or refused", where=where
        )
    names = (item.id, item.suite, item.category)
    if any(len(name) > MOST_NAME_LENGTH for name in names) or not (item.id and item.suite):
        raise InputError(
            f"id and suite must have 1 to {MOST_NAME_LENGTH} characters, category at most as many",
            where=where,
        )
    if not item.prompt.strip():
        raise InputError("the prompt is empty", where=where)
    return item
