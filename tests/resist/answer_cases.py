"""Answers in the forms that servers give them."""

from __future__ import annotations

from typing import Final

from cautery.records.answer import Answer, AnswerChoice, TokenChance

SECRET: Final = "Zwischenschritt"
"""A word of the reasoning that stands nowhere else."""
WORKING: Final = f"I add first. Then {SECRET} 7 + 5 = 12. I check the sum again."


def chances(text: str) -> tuple[TokenChance, ...]:
    """Spell a text with log-probabilities."""
    return tuple(
        TokenChance(token=word, log_chance=-0.5, others=((word.upper(), -1.5),))
        for word in text.split()
    )


def in_tags(tag: str = "think", working: str = WORKING) -> AnswerChoice:
    """Reasoning in the text, as without a reasoning parser."""
    text = f"<{tag}>{working}</{tag}>\n\nIt adds up.\n\nThe answer is 12."
    return AnswerChoice(text=text, token_chances=chances(text))


APART: Final = AnswerChoice(
    text="It adds up.\n\nThe answer is 12.",
    reasoning=WORKING,
    token_chances=chances(f"{WORKING} The answer is 12."),
)
CASES: Final = {
    "in tags": Answer(choices=(in_tags(),)),
    "in other tags": Answer(choices=(in_tags("Reasoning"),)),
    "apart": Answer(choices=(APART,)),
    "several": Answer(choices=(in_tags(), APART, in_tags("thinking"))),
    "not closed": Answer(choices=(AnswerChoice(text=f"Well. <think>{WORKING}"),)),
    "twice": Answer(choices=(AnswerChoice(text=in_tags().text + in_tags().text),)),
    "not opened": Answer(choices=(AnswerChoice(text=f"{WORKING}</think>12"),)),
    "closed by another tag": Answer(
        choices=(AnswerChoice(text=f"<think>a</reasoning>{WORKING}</think>12"),)
    ),
    "no reasoning": Answer(choices=(AnswerChoice(text="12", token_chances=chances("12")),)),
    "empty": Answer(choices=(AnswerChoice(text=""),)),
}
