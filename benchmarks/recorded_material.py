"""The material of the recorded pools: recordings of real clients, and prompts that people wrote.

Read from the data pack beside the repository (``../shared/data``); see its README for sources
and licences.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from benchmarks.world_records import WorldExchange, hash_text

DATA_FOLDER: Final = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
"""Where the data pack stands, beside the repository."""

HARVESTERS: Final[tuple[str, ...]] = ("selfinstruct", "ultrafeedback", "evolinstruct", "embgen_sft")
"""Recorded harvesting pipelines, by the name of their file."""

_SLOTS: Final[dict[str, re.Pattern[str]]] = {
    "selfinstruct": re.compile(r"(?<=# Context\n).*(?=\n\n# Output)", re.DOTALL),
    "ultrafeedback": re.compile(
        r"(?<=\nInstruction: )(?!\[).*(?=\n\nTexts:\n<text 1> )", re.DOTALL
    ),
    "evolinstruct": re.compile(
        r"(?<=#The Given Prompt#:\n).*(?=\n#(?:Rewritten|Created) Prompt#:)", re.DOTALL
    ),
}
"""Where each pipeline's template takes its item; plain prompts have no template."""

_TEXTS: Final = re.compile(r"(?<=\n\nTexts:\n<text 1> )(?!\[).*(?=\n\n### Output\n$)", re.DOTALL)
"""The answers that UltraFeedback has rated, in its last user turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One recorded request."""

    body: dict[str, Any]
    user_agent: str
    header_order: str

    @property
    def last_turn(self) -> str:
        """Text of the last user turn."""
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else json.dumps(content)

    def exchange(self, account_id: str, time_start: float, input_text: str = "") -> WorldExchange:
        """Make an exchange with the request's shape, and with a new last turn if one is given."""
        messages = self.body["messages"]
        system = "\n".join(str(m["content"]) for m in messages if m["role"] == "system")
        turns = [m for m in messages[:-1] if m["role"] != "system"]
        return WorldExchange(
            time_start=time_start,
            account_id=account_id,
            input_text=input_text or self.last_turn,
            system_text=system,
            history=tuple((m["role"], str(m["content"])) for m in turns),
            request_model=self.body["model"],
            user_agent=self.user_agent,
            header_order=self.header_order,
            temperature=self.body.get("temperature"),
            top_p=self.body.get("top_p"),
            max_tokens=self.body.get("max_tokens"),
            seed=self.body.get("seed"),
            stream=self.body.get("stream"),
            tool_count=len(self.body.get("tools") or ()),
        )


class Material:
    """Everything the recorded pools are made of.

    Args:
        folder: The data pack.
    """

    def __init__(self, folder: Path = DATA_FOLDER) -> None:
        self._folder = folder

    def recorded(self, name: str) -> list[Recorded]:
        """Return the chat requests of one recording, in order."""
        requests = []
        for row in self._lines(f"recordings/{name}.jsonl.gz"):
            body = row["body"]
            if not body or not isinstance(body.get("messages"), list) or "count" in row["path"]:
                continue
            headers = [(key.lower(), value) for key, value in row["headers"]]
            requests.append(
                Recorded(
                    body=body,
                    user_agent=dict(headers).get("user-agent", ""),
                    header_order=",".join(key for key, _ in headers),
                )
            )
        return requests

    def harvester(self, name: str) -> list[Recorded]:
        """Return the requests of one recorded harvesting pipeline."""
        return self.recorded(f"distilabel-{name}")

    @cached_property
    def human_prompts(self) -> tuple[str, ...]:
        """Different prompts that people wrote, of all sets."""
        texts = [row["prompt"] for row in self._lines("prompts/arena-hard-v0.1.jsonl.gz")]
        for row in self._lines("prompts/mt-bench.jsonl.gz"):
            texts.extend(row["turns"])
        for row in self._lines("prompts/self-instruct-user-252.jsonl.gz"):
            texts.append(f"{row['instruction']}\n{row['instances'][0]['input']}".strip())
        texts.extend(row["question"] for row in self._lines("prompts/gsm8k-test-0-399.jsonl.gz"))
        for row in self._lines("prompts/oasst-en-100-tree.jsonl.gz"):
            texts.extend(_human_turns(row["prompt"]))
        return tuple(sorted({text[:4_000] for text in texts if len(text) > 12}))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Different sentences of the human prompts."""
        parts = (part.strip() for text in self.human_prompts for part in re.split(r"[.?!\n]", text))
        return tuple(sorted({part for part in parts if 20 < len(part) < 240}))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Different longer words of the human prompts."""
        found = {
            word for text in self.human_prompts for word in re.findall(r"\b[a-z]{5,12}\b", text)
        }
        return tuple(sorted(found))

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        with gzip.open(self._folder / name, "rt", encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)


def _human_turns(message: dict[str, Any]) -> Iterator[str]:
    if message["role"] == "prompter" and not message.get("synthetic"):
        yield message["text"]
    for reply in message.get("replies", ()):
        yield from _human_turns(reply)


def reworded(rng: random.Random, material: Material, text: str, share: float = 0.4) -> str:
    """Exchange some longer words of a text, so that it repeats no other text word for word.

    Args:
        rng: Source of chance.
        material: Gives the new words.
        text: Any text.
        share: Part of the longer words that is exchanged.

    Returns:
        A text of the same shape.
    """
    return re.sub(
        r"[A-Za-z]{5,}",
        lambda found: rng.choice(material.words) if rng.random() < share else found[0],
        text,
    )


def in_other_words(material: Material, text: str, author: str, share: float = 0.5) -> str:
    """Exchange the same words of every text in the same way, as another author would have put it.

    A template stays a template, but shares few word sequences with the published one.

    Args:
        material: Gives the new words.
        text: Any text.
        author: The same author puts the same word in the same way.
        share: Part of the longer words that the author puts otherwise.

    Returns:
        A text of the same shape.
    """
    words = material.words

    def put(found: re.Match[str]) -> str:
        number = hash_text(f"{author} {found[0].lower()}") >> 16
        return words[number % len(words)] if number % 1_000 < share * 1_000 else found[0]

    return re.sub(r"[A-Za-z]{4,}", put, text)


def own_words(rng: random.Random, material: Material) -> str:
    """Write a prompt as one person would: a few sentences that nobody else has in this form."""
    if rng.random() < 0.25:
        return reworded(rng, material, rng.choice(material.human_prompts))
    count = rng.choice((1, 1, 2, 2, 3, 4))
    parts = (reworded(rng, material, rng.choice(material.sentences)) for _ in range(count))
    return ". ".join(parts) + rng.choice(("", "?", "."))


def with_item(
    rng: random.Random, material: Material, name: str, recorded: Recorded, item: str
) -> str:
    """Put a new item into a recorded request, where its pipeline's template takes it.

    Args:
        rng: Source of chance, for the answers that UltraFeedback has rated.
        material: Gives those answers.
        name: The pipeline.
        recorded: A request of it.
        item: The new item.

    Returns:
        The new last user turn; the bare item where the request has no template.
    """
    text = recorded.last_turn
    slot = _SLOTS.get(name)
    if slot is None or slot.search(text) is None:
        return item
    text = slot.sub(lambda _: item, text, count=1)
    if name == "ultrafeedback":
        answers = [own_words(rng, material) for _ in range(4)]
        numbered = "\n".join(
            answer if number == 0 else f"<text {number + 1}> {answer}"
            for number, answer in enumerate(answers)
        )
        text = _TEXTS.sub(lambda _: numbered, text, count=1)
    return text
