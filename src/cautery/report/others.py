"""Keeps what concerns other customers out of a text that goes to one of them.

What names somebody is not rewritten but dropped as a whole: half a sentence can tell as much. It is
better that a harmless sentence is missing than that a name is in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.records.campaign import Campaign
    from cautery.records.case import Case

TEMPLATE_WORDS: Final = 4
"""Words of a template in a row that give it away; fewer stand in any sentence."""
LEAST_PART: Final = 12
"""Characters of a part of a template that is looked for as it is, for scripts without spaces."""
_EMAIL: Final = re.compile(r"[^\s@]@[^\s@]")
_IPV4: Final = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_IPV6: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{1,4}|[0-9A-Fa-f]{0,4}::[0-9A-Fa-f]{0,4}"
)
"""Written out or shortened (RFC 4291, section 2.2); hardware addresses too, and no time of day."""
_DIGITS: Final = re.compile(r"(?:\d[ -]?){12,}\d")
"""Thirteen digits or more: numbers of cards (ISO/IEC 7812-1) and accounts."""
_HEXADECIMAL: Final = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{16,}(?![0-9A-Za-z])"
)
"""Fingerprints of cards, clients and keys."""
_SLOT: Final = "{...}"


class OthersScreen:
    """Tells which texts of a case may be shown to one customer.

    Args:
        case: The case.
        account_id: The customer's account.
    """

    def __init__(self, case: Case, account_id: str) -> None:
        groups = (*case.campaigns, *case.permitted_groups)
        own = {account_id}
        for group in groups:
            own |= {m.org_id for m in group.members if m.account_id == account_id}
        named = {account.account_id for account in case.accounts}
        for group in groups:
            named |= set(_names(group))
        self._names = tuple(sorted(name.casefold() for name in named - own if name.strip()))
        parts = [part for group in groups for part in _template_parts(group)]
        self._runs = {run for part in parts for run in _runs_of(part)}
        self._parts = tuple({part for part in parts if len(part) >= LEAST_PART})

    def passes(self, text: str) -> bool:
        """Say whether a text names nobody else.

        Args:
            text: Any text of the case.

        Returns:
            False if it holds the name of another account or organisation, a request of one, an
            e-mail address, a network address, a long number, a fingerprint, or words of a template.
        """
        if any(pattern.search(text) for pattern in (_EMAIL, _IPV4, _IPV6, _DIGITS, _HEXADECIMAL)):
            return False
        folded = text.casefold()
        if any(name in folded and _stands_alone(name, folded) for name in self._names):
            return False
        words = _words(text)
        if any(part in " ".join(words) for part in self._parts):
            return False
        return not any(
            tuple(words[at : at + length]) in self._runs
            for length in range(2, TEMPLATE_WORDS + 1)
            for at in range(len(words) - length + 1)
        )


def _names(group: Campaign) -> Iterator[str]:
    """Everything in a group that names an account, its organisation or a request."""
    for member in group.members:
        yield member.account_id
        yield member.org_id
        yield from (link.other_account_id for link in member.links)
    for weight in (w for ws in (group.weights, *(m.weights for m in group.members)) for w in ws):
        for pointer in weight.pointers:
            yield pointer.account_id
            yield pointer.request_id


def _template_parts(group: Campaign) -> Iterator[str]:
    """What stands between the slots of a group's templates."""
    for template in group.templates:
        yield from (" ".join(_words(part)) for part in template.text.split(_SLOT))


def _runs_of(part: str) -> Iterator[tuple[str, ...]]:
    """Words in a row that give a part of a template away: all of a short one, else any four."""
    words = part.split()
    length = min(len(words), TEMPLATE_WORDS)
    if length >= 2:
        yield from (tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _stands_alone(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
