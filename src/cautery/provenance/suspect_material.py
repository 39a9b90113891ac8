"""What is had of a suspect model, and what of our own marked text it may have learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.ports import NextTokens
    from cautery.records.key import Key
    from cautery.records.probe import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One text of the suspect, as a profile's tokenizer reads it."""

    tokens: NDArray[np.int64]
    """Token ids, the prompt first where it is known, shape (tokens,)."""
    start: int = 0
    """Place of the first token that the suspect wrote; those before it were given to it."""
    predictions: NDArray[np.int64] | None = None
    """For an open suspect: its likeliest tokens at each place, given the tokens before it, shape
    (tokens, most); -1 where there is none. All tokens were given to it then."""

    @property
    def written(self) -> int:
        """Tokens that the suspect chose."""
        if self.predictions is not None:
            return int((self.predictions >= 0).sum())
        return len(self.tokens) - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One text of ours that the suspect may have learned from."""

    tokens: NDArray[np.int64]
    """Token ids, the prompt first where it is known."""
    start: int = 0
    """Place of the first token of our answer."""
    account_id: str = ""
    campaign_id: str = ""
    campaign_known: bool = False
    """Whether no ``campaign_id`` means that its account is in no campaign."""
    epoch: str = ""

    def may_hold(self, key: Key) -> bool:
        """Say whether a key may have marked this text, as far as its labels tell.

        An exposure without labels may hold every key.

        Example:
            >>> from dataclasses import replace
            >>> from cautery.records.key import Key, Secret
            >>> key = Key(key_id="k1", value=Secret(bytes(8)), campaign_id="C-1")
            >>> served = Exposure(tokens=np.empty(0, int), account_id="a")
            >>> served.may_hold(key)  # nobody said whose campaign the account is
            True
            >>> replace(served, campaign_known=True).may_hold(key)
            False
        """
        if key.account_id:
            owns = self.account_id in {"", key.account_id}
        elif key.campaign_id:
            owns = self.campaign_id == key.campaign_id or not (
                self.campaign_id or self.campaign_known
            )
        else:
            owns = True
        return owns and (not self.epoch or not key.epoch or self.epoch == key.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectMaterial:
    """A suspect model's texts, read by the tokenizer of each profile."""

    name: str
    """Address, file or folder, for the report."""
    access: Access
    supervised: bool
    """Whether the prompts or contexts are known to have been served."""
    samples: tuple[tuple[Sample, ...], ...]
    """By profile, in the order of the question's."""
    notes: tuple[str, ...] = ()
    """For the report."""


def forced_samples(model: NextTokens, texts: list[NDArray[np.int64]], most: int) -> list[Sample]:
    """Ask an open suspect what it would have written at each place of given texts.

    Args:
        model: The suspect.
        texts: Token ids; for a supervised test our own marked answers, with their prompts.
        most: Likeliest tokens to take at a place; each is scored as a pair of its own.

    Returns:
        A sample a text.
    """
    return [
        Sample(
            tokens=text,
            start=len(text),
            predictions=np.asarray(model.predict(text, most), dtype=np.int64),
        )
        for text in texts
    ]
