"""Counts what an answer told and what its client got, as it goes by; counts and no text."""

from __future__ import annotations

from cautery.records.degraded import AnswerCounts


class WordCount:
    """Counts the words of one text that comes in pieces, which may cut words.

    Example:
        >>> count = WordCount()
        >>> [count.add(piece) for piece in ("two wo", "rds", " ", "and more")]
        [2, 0, 0, 2]
    """

    __slots__ = ("_in_word", "begun")

    def __init__(self) -> None:
        self._in_word = False
        self.begun = False
        """Whether there was anything."""

    def add(self, piece: str) -> int:
        """Count the words that begin in a piece."""
        if not piece:
            return 0
        self.begun = True
        begun = len(piece.split())
        if self._in_word and not piece[0].isspace():
            begun -= 1
        self._in_word = not piece[-1].isspace()
        return begun


class Counts:
    """Counts of one side of an answer: the server's, or the client's."""

    __slots__ = ("choices", "reasoning_words", "text_words", "token_chances")

    def __init__(self) -> None:
        self.choices: set[object] = set()
        """Numbers of the texts."""
        self.text_words = 0
        """Of texts."""
        self.reasoning_words = 0
        """Of reasoning apart from the texts."""
        self.token_chances = 0
        """Tokens with log-probabilities."""

    def record(self) -> AnswerCounts:
        """Give the counts as a record."""
        return AnswerCounts(
            choices=len(self.choices),
            text_words=self.text_words,
            reasoning_words=self.reasoning_words,
            token_chances=self.token_chances,
        )


class Tally:
    """Counts of one answer."""

    __slots__ = ("after", "before", "overruns")

    def __init__(self) -> None:
        self.before = Counts()
        """What the server gave."""
        self.after = Counts()
        """What the client gets."""
        self.overruns = 0
        """Texts and stretches of reasoning that were longer than is held back."""

    def one_choice(self) -> None:
        """Count the only text of an answer: the server gave it, and the client gets it."""
        self.before.choices.add(0)
        self.after.choices.add(0)
