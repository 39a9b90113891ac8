"""Sets the guard's proxy beside nginx, and beside LiteLLM where it is installed, in one run.

    python benchmarks/guard_proxy.py
    python benchmarks/guard_proxy.py --litellm ENV/bin/litellm
    python benchmarks/guard_proxy.py --decides

All stand before the same server (nginx, a fixed chat completion of 512 bytes), take the same
request (a chat of 230 bytes) over kept connections on the loopback interface, without TLS, with one
process each. ``wrk`` asks; rounds are interleaved, and medians shown. CPU is that of the tested
processes alone (``/proc``), kernel included. The guard records every exchange and hashes what was
asked. With ``--decides`` there are three more with eight rates, bands, early warning, a snapshot of
20,000 accounts, a policy set in Cedar, without and with a ledger. Needs nginx and wrk (Debian has
both). Look at ratios: machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.guard_wired import build, sections
from benchmarks.markdown import table

STUB, NGINX, GUARD, ADMIN, LITELLM, DECIDING = 19_100, 19_101, 19_102, 19_103, 19_104, 19_106
LEDGERS = ("none", "best-effort", "required")
PATH = "/v1/chat/completions"
KEY = "sk-benchmark-0123456789abcdef"
QUESTION = json.dumps(
    {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are a helpful assistant that answers briefly."},
            {"role": "user", "content": "Grade this answer from 1 to 5 and say why in a sentence."},
        ],
        "max_tokens": 64,
        "temperature": 0.7,
    }
)
ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "x" * 300},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 30, "completion_tokens": 60, "total_tokens": 90},
    }
)
NGINX_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/{name}.body;
  proxy_temp_path {folder}/{name}.proxy; fastcgi_temp_path {folder}/{name}.f;
  uwsgi_temp_path {folder}/{name}.u; scgi_temp_path {folder}/{name}.s;
  upstream stub {{ server 127.0.0.1:{stub}; keepalive 256; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port}; default_type application/json; {server} }}
}}
"""
PASS_ON = (
    'location / { proxy_pass http://stub; proxy_http_version 1.1; proxy_set_header Connection ""; }'
)


@dataclass
class Target:
    """A program under test."""

    name: str
    port: int
    processes: list[int]
    rates: dict[int, list[float]] = field(default_factory=dict)
    microseconds: dict[int, list[float]] = field(default_factory=dict)
    latencies: dict[int, list[str]] = field(default_factory=dict)


def wait_for(port: int, seconds: float = 60.0) -> None:
    """Wait until a program answers."""
    end = time.monotonic() + seconds
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    url = f"http://127.0.0.1:{port}{PATH}"
    while True:
        request = urllib.request.Request(url, QUESTION.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - loopback
                return
        except (OSError, urllib.error.URLError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextmanager
def process(words: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as long as it is wanted."""
    started = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(20)


def children_of(parent: int) -> list[int]:
    """List the children of a process."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(word) for word in path.read_text().split()]


@contextmanager
def nginx(folder: Path, name: str, port: int, server: str) -> Iterator[int]:
    """Run nginx with one worker, and give the worker's number."""
    path = folder / f"{name}.conf"
    path.write_text(
        NGINX_CONFIGURATION.format(folder=folder, name=name, port=port, stub=STUB, server=server)
    )
    with process(["nginx", "-c", str(path)]) as started:
        wait_for(port)
        yield children_of(started.pid)[0]


@contextmanager
def guard(folder: Path, port: int, more: str = "") -> Iterator[int]:
    """Run the guard, recording; and deciding, if more sections say so."""
    (folder / "records").mkdir()
    (folder / "pepper").write_text("5a" * 32)
    path = folder / "guard.toml"
    path.write_text(
        f'[guard]\nlisten = "127.0.0.1:{port}"\nadmin = "127.0.0.1:{port + 1}"\n'
        f'[upstream]\nurl = "http://127.0.0.1:{STUB}"\n[identity]\npepper_file = "pepper"\n'
        f'[recording]\nfolder = "records"\n{more}'
    )
    words = [sys.executable, "-m", "cautery.cli", "guard", "serve", str(path)]
    with process(words) as started:
        wait_for(port)
        yield started.pid


def deciding(folder: Path, ledger: str) -> str:
    """Make everything that a guard decides by, and give the sections that name it."""
    build(folder, accounts=20_000)
    policy = folder / "policy.toml"
    text = sections(folder, ("policy", *([ledger] if ledger != "none" else [])))
    # The benchmark's one account is in no table: what is asked of it must not stop it.
    policy.write_text(
        policy.read_text().replace('default_mode = "enforce"', 'default_mode = "shadow"')
    )
    return text


@contextmanager
def litellm(folder: Path, program: str) -> Iterator[int]:
    """Run LiteLLM's proxy with one worker, without a data base."""
    path = folder / "litellm.yaml"
    path.write_text(
        "model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/m\n"
        f"      api_base: http://127.0.0.1:{STUB}/v1\n      api_key: x\n"
        f"general_settings:\n  master_key: {KEY}\n"
    )
    words = [program, "--config", str(path), "--host", "127.0.0.1", "--port", str(LITELLM)]
    quiet = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "PYTHONPATH": ""}
    with process(words, **quiet) as started:
        wait_for(LITELLM, 120)
        yield started.pid


def cpu_seconds(number: int) -> float:
    """Read the CPU time of a process and of its children."""
    total = 0.0
    for one in (number, *children_of(number)):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def ask(target: Target, script: Path, connections: int, seconds: int, path: str = PATH) -> None:
    """Measure one round."""
    before = sum(map(cpu_seconds, target.processes))
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", str(script)]
    words += ["--timeout", "30s", f"http://127.0.0.1:{target.port}{path}"]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    used = sum(map(cpu_seconds, target.processes)) - before
    if "Non-2xx" in out or "Socket errors" in out:
        print(f"{target.name}: {out}", file=sys.stderr)
    requests = int(_found(r"(\d+) requests in", out))
    rate = float(_found(r"Requests/sec:\s+([\d.]+)", out))
    target.rates.setdefault(connections, []).append(rate)
    target.microseconds.setdefault(connections, []).append(used / max(1, requests) * 1e6)
    half, most = _found(r"\n +50%\s+(\S+)", out), _found(r"\n +99%\s+(\S+)", out)
    target.latencies.setdefault(connections, []).append(f"{half} / {most}")


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something unexpected: {text}")
    return match[1]


def rows_of(targets: list[Target], connections: int) -> list[list[str]]:
    """Lay the medians out, with nginx as the measure."""
    base = targets[0]
    median: Callable[[list[float]], float] = statistics.median
    rows = []
    for target in targets:
        rate, cost = median(target.rates[connections]), median(target.microseconds[connections])
        rows.append(
            [
                target.name,
                str(connections),
                f"{rate:,.0f}",
                f"{rate / median(base.rates[connections]):.3f}",
                f"{cost:.1f}",
                f"{cost / median(base.microseconds[connections]):.2f}",
                target.latencies[connections][-1],
            ]
        )
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", help="LiteLLM's program, in an environment of its own")
    parser.add_argument("--decides", action="store_true", help="guards with rules and a ledger too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[64])
    told = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        plain = folder / "plain"
        plain.mkdir()
        script = folder / "post.lua"
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = {json.dumps(QUESTION)}\n'
            f'wrk.headers["Authorization"] = "Bearer {KEY}"\n'
            'wrk.headers["Content-Type"] = "application/json"\n'
        )
        stack.enter_context(nginx(folder, "stub", STUB, f"location / {{ return 200 '{ANSWER}'; }}"))
        targets = [
            Target("nginx", NGINX, [stack.enter_context(nginx(folder, "nginx", NGINX, PASS_ON))]),
            Target("guard, observing", GUARD, [stack.enter_context(guard(plain, GUARD))]),
        ]
        for place, ledger in enumerate(LEDGERS if told.decides else ()):
            own, port = folder / ledger, DECIDING + 2 * place
            own.mkdir()
            started = stack.enter_context(guard(own, port, deciding(own, ledger)))
            targets.append(Target(f"guard, deciding, ledger {ledger}", port, [started]))
        if told.litellm:
            started = stack.enter_context(litellm(folder, told.litellm))
            targets.append(Target("LiteLLM", LITELLM, [started]))
        for _ in range(told.rounds):
            for connections in told.connections:
                for target in targets:
                    ask(target, script, connections, told.seconds)
        rows = [row for connections in told.connections for row in rows_of(targets, connections)]
        head = ["program", "connections", "requests/s", "of nginx's"]
        head += ["CPU us/request", "times nginx's", "p50 / p99"]
        print("\n".join(table(head, rows)))
        records = sum(len(one.read_bytes()) for one in (plain / "records").glob("*.jsonl"))
        print(f"\nThe guard wrote {records / 2**20:.0f} MiB of exchange records meanwhile.")


if __name__ == "__main__":
    main()
