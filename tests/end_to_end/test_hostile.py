"""What attackers write into a log comes out inert, and breaks nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from benchmarks.alternate_world import make_alternate_world
from benchmarks.world_formats import LOG_WRITERS
from tests.end_to_end.command_line import cautery

HOSTILE = (
    "\x1b[2J\x1b[31mred",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "\u202egnp.exe",
    "<script>alert(1)</script>",
    "a\nb",
    "a\x00b",
    "\ud83d\ude00 é 中文",
    "x" * 5_000,
    '","',
    "../../etc/passwd",
)


def hostile_log(path: Path) -> Path:
    """Write a log with a campaign in which every text field is hostile somewhere."""
    world = make_alternate_world("hydra", 8, ordinary=5, look_alikes=False)
    write, _ = LOG_WRITERS["canonical"]
    rows = []
    del world.exchanges[1::2]
    for number, exchange in enumerate(world.exchanges):
        exchange.request_id = f"r{number}"
        row = write(exchange, {}, True)
        bad = HOSTILE[number % len(HOSTILE)]
        name = row["account_id"]
        row["account_id"] = HOSTILE[int(name[:4], 16) % len(HOSTILE)] + name
        row["user_agent"] = bad
        row["input_text"] = f"{bad} {row['input_text']} {bad}"
        row["request_model"] = bad
        row["org_id"] = bad
        rows.append(json.dumps(row, ensure_ascii=True))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_hostile_text_comes_out_inert(tmp_path: Path) -> None:
    """No escape sequence, no direction mark, no formula, on the screen or in a file."""
    outcome = cautery("scan", hostile_log(tmp_path / "log.jsonl"), "-o", tmp_path / "out", "--all")
    assert outcome.code == 0, outcome.messages[-2_000:]
    written = (tmp_path / "out" / "case.json").read_text(encoding="utf-8")
    for text in (outcome.output, outcome.messages, written):
        assert not set("\x1b\x00\u202e") & set(text)
    with (tmp_path / "out" / "accounts.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            assert not [cell for cell in row if cell[:1] in {"=", "+", "@", "\t", "\r"}]
            assert not set("\x1b\x00\u202e") & set("".join(row))


def test_garbage_is_refused_without_a_traceback(tmp_path: Path) -> None:
    """Random bytes, an empty file, half a gzip file: one sentence each, exit 3."""
    import random

    noise = random.Random(1).randbytes(4_000)
    for name, content in (
        ("noise.jsonl", noise),
        ("empty.jsonl", b""),
        ("blank.jsonl", b"\n \n"),
        ("cut.jsonl.gz", b"\x1f\x8b\x08\x00" + noise[:50]),
        ("cut.parquet", b"PAR1" + noise[:50]),
    ):
        (tmp_path / name).write_bytes(content)
        outcome = cautery("scan", tmp_path / name, "-o", tmp_path / "out")
        assert outcome.code == 3, (name, outcome)
        assert outcome.messages.strip().splitlines()[-1].startswith("error: ")
        assert "Traceback" not in outcome.messages
