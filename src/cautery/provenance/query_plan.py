"""What an endpoint will be asked, and what that may cost: told before the first question."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from cautery.errors import ConfigurationError, InputError

BYTES_OF_A_TOKEN: Final = 4
"""Of a prompt, for the estimate; what a token of English is on average."""
MOST_PROMPTS: Final = 100_000
MOST_PROMPT_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent; counted over all runs of a plan."""

    requests: int
    """Questions; those of the same run that failed included."""
    output_tokens: int
    """Tokens of the answers."""
    cost: float | None = None
    """In the currency of the prices; None for no limit."""
    input_price: float = 0.0
    """Of a million tokens of prompts."""
    output_price: float = 0.0
    """Of a million tokens of answers."""

    def __post_init__(self) -> None:
        for name in ("requests", "output_tokens"):
            if getattr(self, name) < 1:
                raise ConfigurationError("must be at least 1", where=name)
        for name in ("input_price", "output_price"):
            if not 0.0 <= getattr(self, name) < float("inf"):
                raise ConfigurationError("must not be below 0", where=name)
        if self.cost is not None and not self.cost > 0.0:
            raise ConfigurationError("must be above 0", where="cost")
        if self.cost is not None and not (self.input_price or self.output_price):
            raise ConfigurationError(
                "a limit of cost needs prices",
                where="cost",
                hint="Give the price of a million tokens in and out.",
            )

    def cost_of(self, input_tokens: int, output_tokens: int) -> float:
        """Price tokens.

        Example:
            >>> Budget(requests=1, output_tokens=1, output_price=2.0).cost_of(0, 500_000)
            1.0
        """
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent so far."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question."""

    prompt_id: str
    text: str

    @property
    def tokens(self) -> int:
        """Estimate of its tokens."""
        return -(-len(self.text.encode("utf-8", "surrogatepass")) // BYTES_OF_A_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPlan:
    """Questions, in the order in which they are asked."""

    prompts: tuple[Prompt, ...]
    max_tokens: int
    """Tokens that an answer may have."""
    budget: Budget

    def __post_init__(self) -> None:
        if not self.prompts:
            raise InputError("there is no prompt to ask", where="prompts")
        if len(self.prompts) > MOST_PROMPTS:
            raise InputError(f"more than {MOST_PROMPTS:,} prompts", where="prompts")
        ids: set[str] = set()
        for prompt in self.prompts:
            if prompt.prompt_id in ids:
                raise InputError(f"two prompts have the id {prompt.prompt_id!r}", where="prompts")
            ids.add(prompt.prompt_id)
            if len(prompt.text) > MOST_PROMPT_BYTES or not prompt.text.strip():
                raise InputError(
                    f"prompt {prompt.prompt_id!r} is empty, or longer than a megabyte",
                    where="prompts",
                )

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the prompts: a state belongs to one plan."""
        rows = [[prompt.prompt_id, prompt.text] for prompt in self.prompts]
        return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()

    def allows(self, prompt: Prompt, spent: Spent) -> str:
        """Say whether one more question is within the budget, whatever its answer.

        Args:
            prompt: The question.
            spent: Before it.

        Returns:
            Empty if it is; else which limit ends the plan, in words.
        """
        budget = self.budget
        if spent.requests >= budget.requests:
            return f"the limit of {budget.requests:,} requests"
        if spent.output_tokens + self.max_tokens > budget.output_tokens:
            return f"the limit of {budget.output_tokens:,} output tokens"
        cost = budget.cost_of(
            spent.input_tokens + prompt.tokens, spent.output_tokens + self.max_tokens
        )
        if budget.cost is not None and cost > budget.cost:
            return f"the limit of cost, {budget.cost:g}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is still to be asked at most, and what it may cost."""

    prompts: int
    """Not answered yet."""
    requests: int
    """Of them within the budget, if every answer is as long as it may be."""
    input_tokens: int
    output_tokens: int
    """At most."""
    cost: float | None
    """At most; None without prices."""

    def text(self) -> str:
        """Say it in a line."""
        words = (
            f"{self.prompts:,} prompts to ask; the budget allows {self.requests:,} requests, "
            f"about {self.input_tokens:,} tokens in and at most {self.output_tokens:,} out"
        )
        return words if self.cost is None else f"{words}, cost at most {self.cost:,.2f}"


def estimate(plan: QueryPlan, left: Sequence[Prompt], spent: Spent) -> Estimate:
    """Estimate what is still to be asked.

    Args:
        plan: The plan.
        left: Prompts without an answer, in their order.
        spent: So far.

    Returns:
        The estimate, for the prompts that the budget allows.
    """
    start = spent
    requests = 0
    for prompt in left:
        if plan.allows(prompt, spent):
            break
        requests += 1
        spent = Spent(
            requests=spent.requests + 1,
            input_tokens=spent.input_tokens + prompt.tokens,
            output_tokens=spent.output_tokens + plan.max_tokens,
        )
    tokens = spent.input_tokens - start.input_tokens, spent.output_tokens - start.output_tokens
    priced = plan.budget.input_price or plan.budget.output_price
    return Estimate(
        prompts=len(left),
        requests=requests,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cost=plan.budget.cost_of(*tokens) if priced else None,
    )
