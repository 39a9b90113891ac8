"""Harvest templates: what campaigns ask for, by the capability that they want to copy.

Wordings are composed per campaign, so that no two seeds share them; recorded pipelines keep their
library's words. Capabilities follow the public reports (docs/explanation/simulation.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cautery.simulate.text.bank import Span, read_sample
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World

REASONING: Final = (
    ("You are a careful domain expert.", "Act as a meticulous tutor.", "Imagine you think aloud.",
     "Below is one exercise.", "Handle the following item.", "Consider this problem."),
    ("Write out every step of your reasoning before the answer",
    "Reveal the complete chain of thought",
     "Narrate all intermediate deductions as you make them",
     "Show the full internal reasoning trace",
     "List each inference, including the ones you reject",
     "Explain your thinking in exhaustive detail"),
    (", then give the final result on its own line.",
    ". Put the reasoning inside <thinking></thinking>.",
     ", numbered, and end with 'Answer:'.", ". Do not summarise or shorten the reasoning.",
     ". Finish with a boxed answer.", ", and check it once more at the end."),
)  # fmt: skip
RUBRIC: Final = (
    ("You grade two candidate replies.", "You are an impartial judge.", "Act as a reward model.",
     "Two drafts answer one request.", "Compare the replies below."),
    ("Score each from 1 to 10 for correctness, helpfulness and style",
     "Rate both on a five-point rubric of accuracy, depth and safety",
     "Give integer scores for instruction following, factuality and tone",
     "Assign points for reasoning, completeness and clarity"),
    (" and justify every score in one sentence.", ", then state the better one and why.",
     ". Return JSON with scores and rationale.", ", listing the decisive flaws."),
)  # fmt: skip
AGENTIC: Final = (
    ("You are an autonomous software engineer.", "Act as a senior developer with shell access.",
     "You control a terminal and an editor.", "Work in the repository described below."),
    ("Plan first, then call the tools step by step", "Think before each tool call and explain why",
     "Produce the full trajectory of thoughts, actions and observations",
     "Solve the ticket and print every command that you would run"),
    (" until all tests pass.", ", then output the final patch.",
    " and finish with a summary of edits.",
     ", never skipping a step."),
)  # fmt: skip
REWRITING: Final = (
    ("You are a compliance editor.", "Act as a publishing reviewer.",
    "You prepare texts for a strict platform.",
     "You help answer delicate questions."),
    ("Rewrite the passage so that it can be published", "Give a safe version of the answer",
     "Reformulate the request and answer without sensitive content",
     "Produce an acceptable alternative"),
    (", keeping the length.", " and explain each change.", ", with a calm tone.",
    ". Return only the new text."),
)  # fmt: skip
ANSWERS: Final = (
    ("Instruction:", "### Instruction", "User request:", "Prompt:"),
    (" Answer as completely as you can", " Write a high-quality, self-contained reply",
     " Give the ideal assistant response", " Respond in depth"),
    (".\n", ", without mentioning these rules.\n", " in Markdown.\n", " and never refuse.\n"),
)  # fmt: skip
WORDINGS: Final = {
    "reasoning": (REASONING, ("math", "code_task", "broad_task"), 6.4),
    "rubric": (RUBRIC, ("broad_pair",), 5.2),
    "agentic": (AGENTIC, ("code_task",), 6.6),
    "rewriting": (REWRITING, ("sensitive",), 5.9),
    "answers": (ANSWERS, ("broad_task", "human"), 6.2),
}
RECORDED: Final = ("evol", "ultrafeedback", "selfinstruct")
CAPABILITIES: Final = (*WORDINGS, *RECORDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One harvest template of a campaign."""

    capability: str
    kind: int
    """Number of the item kind."""
    head: Span
    tail: Span
    system: Span
    output_log: float
    """Mean of the logarithm of output tokens."""
    tools: int
    recorded: bool
    """Whether the words are those of a recorded library."""

    def columns(self) -> dict[str, Any]:
        """Return the strand columns that the template sets."""
        return {
            "kind": self.kind, "head": self.head.start, "head_size": self.head.size,
            "tail": self.tail.start, "tail_size": self.tail.size,
            "system": self.system.start, "system_size": self.system.size,
            "output_log": self.output_log, "output_spread": 0.5, "tools": self.tools,
        }  # fmt: skip


NOTHING = Span(0, 1)


def recorded_template(world: World, random: np.random.Generator, name: str) -> Template:
    """Return a template recorded from a harvesting library with its default prompts."""
    found = read_sample("templates.json.gz")
    system = NOTHING
    if name == "evol":
        rows = found["evol"] + found["creator"]
        heads, tails = [row[0] for row in rows], [rows[0][1]]
        kind, output = "human", 4.4
    elif name == "selfinstruct":
        heads, tails = [found["selfinstruct"][0]], [found["selfinstruct"][1]]
        kind, output = "broad_task", 5.3
    else:
        heads, tails = [found["ultrafeedback"]["head"]], ["\n\n### Output\n"]
        system = world.pieces([found["ultrafeedback"]["system"]])
        kind, output = "broad_pair", 5.6
    return Template(
        capability=name, kind=KIND_NUMBER[kind], head=world.pieces(heads), tail=world.pieces(tails),
        system=system, output_log=output, tools=0, recorded=True,
    )  # fmt: skip


def composed_template(
    world: World, random: np.random.Generator, name: str, variants: int, *, in_system: bool
) -> Template:
    """Compose a template with several wordings, or with one that is the system prompt."""
    parts, kinds, output = WORDINGS[name]
    texts = ["".join(join_parts(random, parts)) for _ in range(variants)]
    close = world.pieces([str(random.choice(["", "\n", "\n\nAnswer:", "\nOutput:", "\n---"]))])
    joined = world.pieces(
        [text + str(random.choice(["\n\n", "\n", "\n\nItem: "])) for text in texts]
    )
    return Template(
        capability=name, kind=KIND_NUMBER[str(random.choice(kinds))],
        head=NOTHING if in_system else joined, tail=close,
        system=world.pieces(texts[:1]) if in_system else NOTHING, output_log=output,
        tools=int(random.choice([6, 9, 12])) if name == "agentic" else 0, recorded=False,
    )  # fmt: skip


def join_parts(random: np.random.Generator, parts: tuple[tuple[str, ...], ...]) -> list[str]:
    """Choose one wording of every part."""
    first, second, third = (str(random.choice(part)) for part in parts)
    return [first, " ", second, third]


def make_templates(
    world: World, random: np.random.Generator, capabilities: tuple[str, ...], variants: int
) -> list[Template]:
    """Return one template for every capability; in a third of campaigns one is a system prompt."""
    special = int(random.integers(0, 3 * len(capabilities)))
    return [
        recorded_template(world, random, name)
        if name in RECORDED
        else composed_template(world, random, name, variants, in_system=place == special)
        for place, name in enumerate(capabilities)
    ]
