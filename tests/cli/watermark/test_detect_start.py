"""What a cold ``cautery watermark detect`` loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"scipy", "torch", "transformers", "pandas", "pyarrow", "tokenizers", "numba", "duckdb"}
KEY_BYTES = {"vllm-gumbel": 8, "cautery-two-layer": 32}
PROGRAM = """
import json, sys
from cautery.cli.main import run
code = run(sys.argv[1:])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""


@pytest.mark.parametrize("scheme", sorted(KEY_BYTES))
def test_detect_on_token_ids_starts_light(tmp_path: Path, scheme: str) -> None:
    """Token ids are tested without SciPy, torch, pandas, pyarrow or tokenizers in the process."""
    profile, keys, texts = (tmp_path / name for name in ("p.json", "k.json", "t.jsonl"))
    profile.write_text(
        json.dumps({"schema": "cautery.profile/1", "scheme": scheme, "parameters": {}})
    )
    value = bytes(range(3, 3 + KEY_BYTES[scheme])).hex()
    keys.write_text(
        json.dumps({"schema": "cautery.keys/1", "keys": [{"key_id": "k", "value": value}]})
    )
    rows = [{"id": n, "token_ids": [n * k * k % 997 for k in range(300 * n)]} for n in range(3)]
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = [str(texts), "--profile", str(profile), "--keys", str(keys)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "watermark", "detect", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    *findings, modules = map(json.loads, done.stdout.splitlines())
    assert findings[0]["verdict"] in {"too short", "not tested"}
    assert findings[2]["tokens_scored"] > 50
    assert "numpy" in modules
    assert HEAVY.isdisjoint(modules)
