"""Writes logs of text lines, compressed if wanted: what the writers of JSON and CSV share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from cautery.simulate.plan import SimulationPlan

Row = dict[str, Any]
CODECS: Final = {"gz": "gzip", "zst": "zstd"}
MOST_MESSAGES: Final = 40
"""Most messages of a request that are written out; longer conversations are cut at the front."""


class LinesWriter:
    """One open file of lines, one or more a row.

    Args:
        folder: Where the file goes.
        name: File name without the compression's ending.
        plan: Says how to compress.
        encode: Makes the lines of a row, line end included.
        header: Bytes before the first row.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        plan: SimulationPlan,
        encode: Callable[[Row], bytes],
        header: bytes = b"",
    ) -> None:
        codec = CODECS.get(plan.compression)
        self.path = folder / (f"{name}.{plan.compression}" if codec else name)
        self._encode = encode
        sink = pa.OSFile(str(self.path), "wb")
        self._stream: Any = pa.CompressedOutputStream(sink, codec) if codec else sink
        self._sink = sink
        self._stream.write(header)

    def write(self, batch: Any) -> None:
        """Add a batch of canonical columns."""
        self._stream.write(b"".join([self._encode(row) for row in batch.to_pylist()]))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    def close(self) -> None:
        """Finish the file."""
        self._stream.close()
        if not self._sink.closed:
            self._sink.close()


def records_writer(
    folder: Path, plan: SimulationPlan, record: Callable[..., dict[str, Any]]
) -> LinesWriter:
    """Start ``exchanges.jsonl`` with one record a row.

    Args:
        folder: Where the file goes.
        plan: Says how to compress, and whether texts are written.
        record: Makes the record of a row, with or without its texts (``text=``).

    Returns:
        The writer.
    """
    return LinesWriter(
        folder, "exchanges.jsonl", plan, lambda row: encode_json(record(row, text=plan.text))
    )


def encode_json(record: Any) -> bytes:
    """Encode one JSON line."""
    return msgspec.json.encode(record) + b"\n"


def without_blanks(row: Row) -> Row:
    """Leave out what is null.

    Example:
        >>> without_blanks({"a": 0, "b": None})
        {'a': 0}
    """
    return {name: value for name, value in row.items() if value is not None}


def utc(time: datetime) -> str:
    """Write a time as RFC 3339 with microseconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def history(row: Row) -> Iterator[tuple[str, str]]:
    """Yield role and text of the turns before the last user turn.

    The simulator keeps only a hash of the history, so that the turns are stand-ins: the right
    number of them, always the same for one conversation.
    """
    spoken = (row["message_count"] or 1) - (1 if row.get("system_text") else 0)
    talk = row.get("conversation_id") or row["account_id"]
    for place in range(max(0, spoken - MOST_MESSAGES) // 2 * 2, spoken - 1):
        role = "assistant" if place % 2 else "user"
        yield role, f"earlier turn {place + 1} of {talk[-8:]}"


def chat_messages(row: Row) -> list[dict[str, Any]]:
    """Return the messages of a request in the shape of chat completions."""
    found = [{"role": role, "content": text} for role, text in history(row)]
    content: Any = row["input_text"]
    if row.get("image_count"):
        picture = {"type": "image_url", "image_url": {"url": "https://images.invalid/1.png"}}
        content = [{"type": "text", "text": content}, *[picture] * row["image_count"]]
    system = row.get("system_text")
    first = [{"role": "system", "content": system}] if system else []
    return [*first, *found, {"role": "user", "content": content}]


def tools(row: Row) -> list[dict[str, Any]] | None:
    """Return as many tool definitions as the request offers."""
    count = row.get("tool_count") or 0
    names = [f"tool_{number}" for number in range(1, count + 1)]
    return [
        {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
        for name in names
    ] or None


def request_parameters(row: Row) -> Row:
    """Return the sampling parameters of a request in OpenAI's words, where they are set."""
    names = ("temperature", "top_p", "max_tokens", "n", "seed", "stream", "logprobs")
    found = without_blanks({name: row[name] for name in names})
    offered = tools(row)
    return {**found, "tools": offered} if offered else found
