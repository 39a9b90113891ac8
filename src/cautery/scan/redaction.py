"""Redaction: the frame of a template without its items, so that evidence shows no one's words.

Words stay that stand in the same four-word neighbourhood in most of a template's exchanges; what
differs from exchange to exchange becomes ``{...}``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

NEIGHBOURHOOD_WORDS: Final = 3
"""Words in a row that must come back together for each of them to be frame."""
LEAST_SHARE: Final = 0.6
"""Part of the examples that must hold the words."""
MOST_WORDS: Final = 400
"""Words read of each example."""
MOST_CHARACTERS: Final = 300
"""Length of a redacted template."""
FEWEST_EXAMPLES: Final = 3
"""Examples without which nothing can be told to be frame."""
SLOT: Final = "{...}"


def redact(examples: Sequence[str]) -> str:
    """Keep what the examples of a template share, in the order of the first example.

    Args:
        examples: Texts that carry one template; order does not matter for what is frame.

    Returns:
        The frame with slots, or an empty text if there are too few examples or nothing is shared.

    Example:
        >>> redact([f"Solve this problem step by step: {x} Thank you very much"
        ...         for x in ("apples and pears", "two trains meet", "one")])
        'Solve this problem step by step: {...} Thank you very much'
    """
    if len(examples) < FEWEST_EXAMPLES:
        return ""
    split = [text.split()[:MOST_WORDS] for text in examples]
    size = NEIGHBOURHOOD_WORDS
    counts: Counter[tuple[str, ...]] = Counter()
    for words in split:
        counts.update({tuple(words[i : i + size]) for i in range(len(words) - size + 1)})
    needed = LEAST_SHARE * len(split)
    best = max(split, key=lambda words: (_shared(words, counts, needed), words))
    frame = [False] * len(best)
    for start in range(len(best) - size + 1):
        if counts[tuple(best[start : start + size])] >= needed:
            frame[start : start + size] = [True] * size
    out: list[str] = []
    for word, kept in zip(best, frame, strict=True):
        if kept:
            out.append(word)
        elif not out or out[-1] != SLOT:
            out.append(SLOT)
    if not any(frame):
        return ""
    text = " ".join(out)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 4].rstrip() + " ..."


def _shared(words: Sequence[str], counts: Counter[tuple[str, ...]], needed: float) -> int:
    """Number of shared neighbourhoods in one example."""
    size = NEIGHBOURHOOD_WORDS
    return sum(
        counts[tuple(words[i : i + size])] >= needed for i in range(max(len(words) - size + 1, 0))
    )
