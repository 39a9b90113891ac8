"""Times a cold `cautery watermark detect` beside Python's own start and NumPy's.

    python benchmarks/cold_start.py

Each command is a new process on three texts of 60 token ids; the commands take turns, and the
fewest CPU seconds (user and system, children included) of some rounds count. The ratio to
``import numpy``, which the detector cannot do without, is what other machines can compare.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.markdown import table

SCHEMES: Final = ("vllm-gumbel", "cautery-two-layer", "hf-synthid")
KEY_BYTES: Final = {"vllm-gumbel": 8, "cautery-two-layer": 32, "hf-synthid": 8 * 30}


def write_inputs(folder: Path) -> None:
    """Write a profile, a key and a file of three texts for each scheme."""
    for name in SCHEMES:
        profile = {"schema": "cautery.profile/1", "scheme": name, "parameters": {}}
        (folder / f"{name}.json").write_text(json.dumps(profile), encoding="utf-8")
        draw = random.Random(5)
        value = bytes(draw.randrange(128) for _ in range(KEY_BYTES[name]))
        key = {"key_id": "k-1", "value": value.hex()}
        keys = {"schema": "cautery.keys/1", "keys": [key]}
        (folder / f"{name}.keys.json").write_text(json.dumps(keys), encoding="utf-8")
    with (folder / "texts.jsonl").open("w", encoding="utf-8") as file:
        for number in range(3):
            ids = [(37 * place * place + number) % 40_000 for place in range(60)]
            print(json.dumps({"id": number, "token_ids": ids}), file=file)


def cpu_seconds(command: Sequence[str]) -> float:
    """Run a command and measure its CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=one_thread())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_thread() -> dict[str, str]:
    """Give the environment of a run: a pool of threads that nothing uses would count as start."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
        }
        for scheme in SCHEMES:
            commands[f"cautery watermark detect ({scheme})"] = [
                *(sys.executable, "-m", "cautery.cli", "watermark", "detect"),
                *(str(folder / "texts.jsonl"), "--profile", str(folder / f"{scheme}.json")),
                *("--keys", str(folder / f"{scheme}.keys.json")),
            ]
        taken: dict[str, list[float]] = {title: [] for title in commands}
        for _ in range(rounds):
            for title, command in commands.items():
                taken[title].append(cpu_seconds(command))
    numpy = min(taken["python -c 'import numpy'"])
    rows = [
        [title, f"{min(seconds):.2f}", f"{min(seconds) / numpy:.1f}"]
        for title, seconds in taken.items()
    ]
    print("\n".join(table(["command", "CPU seconds", "times NumPy's import"], rows)))


if __name__ == "__main__":
    main()
