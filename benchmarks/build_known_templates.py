"""Build ``src/cautery/scan/data/known_templates.json`` from recordings of public pipelines.

Run as ``python benchmarks/build_known_templates.py`` beside ``../shared/data``. The file holds
shingles (32-bit hashes), no text. Sources and licences: ``../shared/data/README.md``.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa

from cautery.ingest.sketches import SKETCH_VERSION, sketch_columns

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "recordings"
PIPELINES = ("distilabel-evolinstruct", "distilabel-selfinstruct", "distilabel-ultrafeedback")
LEAST_SHARE = 0.03
"""Part of a recording that must carry a shingle: a stock pipeline has about ten variants."""
TARGET = Path(__file__).resolve().parents[1] / "src/cautery/scan/data/known_templates.json"


def stock_shingles(path: Path) -> list[int]:
    """Shingles that come back in a recording."""
    texts = []
    with gzip.open(path) as stream:
        for line in stream:
            body = json.loads(line)["body"] or {}
            messages = body.get("messages") or []
            if messages and isinstance(messages[-1]["content"], str):
                texts.append(messages[-1]["content"])
    empty = pa.nulls(len(texts), pa.large_string())
    sketches = sketch_columns(pa.array(texts, pa.large_string()), empty, empty)
    counts = Counter(value for row in sketches["input_shingles"].to_pylist() for value in set(row))
    return sorted(value for value, count in counts.items() if count >= LEAST_SHARE * len(texts))


def main() -> None:
    """Write the file."""
    found = {name: stock_shingles(RECORDINGS / f"{name}.jsonl.gz") for name in PIPELINES}
    content = {"sketch_version": SKETCH_VERSION, "pipelines": found}
    TARGET.write_text(json.dumps(content, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
