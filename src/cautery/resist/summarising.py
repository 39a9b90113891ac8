"""Summarises reasoning without a model: sentences that say what is done, not with which figures.

Sentences are ranked by the mean frequency of their words in the whole text, and the words of one
that was taken count less afterwards (SumBasic: Nenkova and Vanderwende, *The impact of frequency on
summarization*, Microsoft Research MSR-TR-2005-101). Sentences with figures, formulas or code are
what a student learns the working from; they are left out unless asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_FIGURES: Final = re.compile(r"[\d=+*/^\\{}<>`$]|\b(?:def|return|import|class)\b")
MOST_SENTENCES_READ: Final = 2_000
"""Ranking takes time in proportion to this and to the sentences taken; the rest is not read."""


def extractive_summary(
    reasoning: str, *, most_share: float, most_sentences: int, keeps_figures: bool
) -> str:
    """Pick the sentences that stand for a text.

    Args:
        reasoning: The text.
        most_share: Of its characters, from 0 to 1.
        most_sentences: Sentences taken at most.
        keeps_figures: Whether sentences with figures, formulas or code may be taken.

    Returns:
        Sentences of the text in its order; empty if none may be taken or fits.

    Example:
        >>> text = "I add the columns. 7 and 5 is 12. Then I read the columns from the top."
        >>> extractive_summary(text, most_share=0.5, most_sentences=1, keeps_figures=False)
        'I add the columns.'
    """
    sentences = [part.strip() for part in _SENTENCE_END.split(reasoning)[:MOST_SENTENCES_READ]]
    words = [_WORD.findall(sentence.casefold()) for sentence in sentences]
    counts = Counter(word for one in words for word in one)
    total = sum(counts.values())
    chances = {word: count / total for word, count in counts.items()}
    left = int(most_share * len(reasoning))
    candidates = {
        place
        for place, sentence in enumerate(sentences)
        if words[place] and (keeps_figures or not _FIGURES.search(sentence))
    }
    taken: list[int] = []
    while len(taken) < most_sentences:
        fitting = [place for place in sorted(candidates) if len(sentences[place]) <= left]
        if not fitting:
            break
        best = max(
            fitting,
            key=lambda place: sum(chances[word] for word in words[place]) / len(words[place]),
        )
        taken.append(best)
        candidates.remove(best)
        left -= len(sentences[best]) + 1
        for word in set(words[best]):
            chances[word] **= 2
    return " ".join(sentences[place] for place in sorted(taken))
