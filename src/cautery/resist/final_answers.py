r"""Finds the final answer in a text that explains itself.

Looked for, in this order: the last ``\\boxed{...}`` (mathematics), what follows the last ``####``
(GSM8K), what follows the last *answer:* or *answer is*, the only fenced block of code, and else the
last paragraph.
"""

from __future__ import annotations

import re
from typing import Final

_BOXED: Final = r"\boxed{"
_HASHES: Final = "####"
_ANSWER: Final = re.compile(r"\banswer(?: is|:)[ \t]*(?:\*\*)?[ \t]*", re.IGNORECASE)
_FENCE: Final = "```"


def final_answer(text: str) -> str:
    r"""Find the final answer.

    Args:
        text: What is shown, without reasoning.

    Returns:
        The answer; of a text with one paragraph or one fenced block, that.

    Example:
        >>> final_answer("First this.\nThe answer is 42."), final_answer(r"So \boxed{x^{2}}.")
        ('42.', 'x^{2}')
    """
    return (
        _boxed(text)
        or _after_hashes(text)
        or _after_words(text)
        or _only_code(text)
        or _last_paragraph(text)
    )


def _boxed(text: str) -> str:
    start = text.rfind(_BOXED)
    if start < 0:
        return ""
    start += len(_BOXED)
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place].strip()
    return ""


def _after_hashes(text: str) -> str:
    start = text.rfind(_HASHES)
    return _first_line(text[start + len(_HASHES) :]) if start >= 0 else ""


def _after_words(text: str) -> str:
    ends = [match.end() for match in _ANSWER.finditer(text)]
    return _first_line(text[ends[-1] :]) if ends else ""


def _first_line(text: str) -> str:
    return text.lstrip(" \t").partition("\n")[0].strip()


def _only_code(text: str) -> str:
    parts = text.split(_FENCE)
    return f"{_FENCE}{parts[1]}{_FENCE}" if len(parts) == 3 and parts[1].strip() else ""


def _last_paragraph(text: str) -> str:
    paragraph: list[str] = []
    for line in reversed(text.strip().splitlines()):
        if not line.strip():
            break
        paragraph.append(line)
    return "\n".join(reversed(paragraph))
