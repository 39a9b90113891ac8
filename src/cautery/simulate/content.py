"""What exchanges hold: prompts as pieces, tokens, answers, errors."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cautery.simulate.columns import Columns
from cautery.simulate.seeds import GOLDEN, field, mix
from cautery.simulate.strands import OWN_ITEMS, QUEUE_ITEMS, SHARED_ITEMS
from cautery.simulate.text.bank import Pieces, chance
from cautery.simulate.text.items import clause, phrase
from cautery.simulate.text.kinds import KIND_NUMBER, build_items
from cautery.simulate.world import REASONING_MODELS, World

CHARACTERS_PER_TOKEN: Final = 4.2
STEADY_KINDS: Final = ("code_turn", "code_review")
"""Kinds whose later turns look like the first one; the others go on with a follow-up."""
ERROR_STATUS: Final = np.array([429, 429, 429, 500, 503, 400, 400, 529])


def is_queued(strands: Columns, strand: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Say which rows take their item from a work queue."""
    return np.asarray(strands["items"][strand] == QUEUE_ITEMS)


def queue_keys(queue: int, places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the keys of a work queue's items by place; no two places share one."""
    base = mix(np.array([queue * 7919 + 13], np.uint64))
    with np.errstate(over="ignore"):
        return mix(base + GOLDEN * (places.astype(np.uint64) + np.uint64(1)))


def number_shared_items(rows: Columns, strands: Columns, random: np.random.Generator) -> None:
    """Give rows with a common set of items a key of that set."""
    mode = strands["items"][rows["strand"]]
    shared = np.flatnonzero(((mode == SHARED_ITEMS) | (mode == OWN_ITEMS)) & (rows["turn"] == 0))
    strand = rows["strand"][shared]
    place = (random.random(len(shared)) * strands["item_size"][strand]).astype(np.int64)
    base = strands["item_base"][strand] * 1_000_003 + place
    rows["key"][shared] = mix(base.astype(np.uint64) + np.uint64(977))


def kinds_and_domains(rows: Columns, strands: Columns) -> tuple[Any, Any]:
    """Return the item kind and the domain (or language) of every row."""
    strand, keys = rows["strand"], rows["key"]
    kind = strands["kind"][strand]
    steady = np.isin(kind, [KIND_NUMBER[name] for name in STEADY_KINDS])
    later = (rows["turn"] > 0) & strands["multi_turn"][strand] & ~steady
    kind = np.where(later, KIND_NUMBER["follow_up"], kind)
    other = chance(rows["conversation"], 61) < strands["second_share"][strand]
    domain = np.where(other, strands["second_domain"][strand], strands["domain"][strand])
    language = strands["language"][strand]
    foreign = (language >= 0) & (chance(keys, 62) < 0.75)
    kind = np.where(foreign, KIND_NUMBER["foreign"], kind)
    return kind, np.where(foreign, language, domain)


def compose(world: World, rows: Columns, strands: Columns, random: np.random.Generator) -> Columns:
    """Add prompts, answers and usage to rows."""
    strand, keys = rows["strand"], rows["key"]
    first = (rows["turn"] == 0) | ~strands["multi_turn"][strand]
    kind, domain = kinds_and_domains(rows, strands)
    body = build_items(world.words, kind, keys, domain)
    rows["domain"] = np.where(kind == KIND_NUMBER["foreign"], strands["domain"][strand], domain)
    plain = first & (kind != KIND_NUMBER["foreign"])
    for name, slot in (("head", 63), ("tail", 64)):
        piece = pick(strands, strand, name, rows["conversation"], slot)
        rows[name] = np.where(plain, piece, 0).astype(np.int32)
    rows["system"] = pick(strands, strand, "system", rows["conversation"], 65)
    rows["message_count"] = np.where(strands["multi_turn"][strand], 2 * rows["turn"] + 1, 1)
    rows["message_count"] += rows["system"] > 0
    rows["account"] = strands["account"][strand]
    rows["harvest"] = strands["harvest"][strand]
    measure(world, rows, body, strands, random)
    rows["body"] = body
    return rows


def pick(strands: Columns, strand: Any, name: str, keys: Any, slot: int) -> Pieces:
    """Choose a head, tail or system piece from the strand's span."""
    size = strands[f"{name}_size"][strand].astype(np.uint64)
    place = (field(keys, slot) >> np.uint64(11)) % size
    return np.asarray(strands[name][strand] + place.astype(np.int64), np.int32)


def measure(
    world: World, rows: Columns, body: Pieces, strands: Columns, random: np.random.Generator
) -> None:
    """Add token counts, latency, errors and parameters."""
    strand, size = rows["strand"], rows.rows
    lengths = world.words.bank.lengths()
    characters = lengths[body].sum(1) + lengths[rows["head"]] + lengths[rows["tail"]]
    history = np.where(strands["multi_turn"][strand], rows["turn"], 0)
    history = history * np.exp(5.3 + 0.5 * random.standard_normal(size))
    context = strands["context_tokens"][strand] * np.exp(0.5 * random.standard_normal(size))
    prompt = (characters + lengths[rows["system"]]) / CHARACTERS_PER_TOKEN
    rows["input_tokens"] = (
        prompt * random.uniform(0.93, 1.1, size) + history + context + 4
    ).astype(int)
    answer = strands["output_log"][strand] + strands["output_spread"][strand] * (
        random.standard_normal(size)
    )
    output = np.exp(np.clip(answer, 0.0, 9.5)).astype(np.int64) + 1
    thinks = np.isin(rows["model"], REASONING_MODELS)
    thinks &= random.random(size) < np.maximum(strands["reasoning_share"][strand], 0.05)
    rows["reasoning_tokens"] = np.where(
        thinks, (output * random.uniform(0.4, 3, size)).astype(int), 0
    )
    output = output + rows["reasoning_tokens"]
    cap = strands["max_tokens"][strand]
    rows["cut"] = (cap > 0) & (output > cap)
    rows["output_tokens"] = np.where(rows["cut"], cap, output)
    rows["reasoning_tokens"] = np.minimum(rows["reasoning_tokens"], rows["output_tokens"])
    cached = random.random(size) < strands["cache_share"][strand]
    share = random.uniform(0.3, 0.95, size)
    rows["cache_read_tokens"] = np.where(cached, rows["input_tokens"] * share, 0).astype(np.int64)
    rows["seed"] = strands["fixed_seed"][strand]
    failed = random.random(size) < strands["error_share"][strand]
    rows["status"] = np.where(failed, ERROR_STATUS[random.integers(0, 8, size)], 200)
    for name in ("output_tokens", "reasoning_tokens", "cache_read_tokens"):
        rows[name] = np.where(failed, 0, rows[name])
    speed = random.uniform(0.008, 0.03, size)
    seconds = 0.25 + rows["output_tokens"] * speed + random.exponential(0.15, size)
    rows["latency"] = (seconds * 1e6).astype(np.int64)
    users = strands["end_users"][strand]
    rows["end_user"] = np.where(users > 0, (random.random(size) ** 2 * users).astype(int), -1)
    rows["key_place"] = (random.random(size) ** 2 * strands["keys"][strand]).astype(np.int64)
    rows["images"] = (random.random(size) < strands["image_share"][strand]).astype(np.int32)


def answers(world: World, rows: Columns) -> list[Pieces]:
    """Compose short answers about the same domain."""
    keys = field(rows["key"], 70)
    words = world.words
    parts = clause(words, keys, rows["domain"], 3)
    return [
        phrase(words, "answers", keys, 0),
        phrase(words, "answer_links", keys, 1),
        *parts[1:],
        phrase(words, "reasons", keys, 10),
    ]
