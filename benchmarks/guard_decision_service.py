"""Sets nginx that asks the guard's decision service beside nginx alone, in one run.

    python benchmarks/guard_decision_service.py

Both stand before the same server (nginx, a fixed chat completion of 512 bytes), take the same
request (a chat of 230 bytes) over kept connections on the loopback interface, without TLS, with one
worker each. The second asks for every request by the file of the how-to (``auth_request``); the
guard recognises the key by its hash, keeps one limit and decides. The third row is the service
alone, asked by ``wrk`` in nginx's words. Rounds are interleaved, and medians shown; CPU is that of
the tested processes (``/proc``), kernel included. Needs nginx and wrk. Look at ratios.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.guard_proxy import (
    ANSWER,
    KEY,
    NGINX,
    NGINX_CONFIGURATION,
    PASS_ON,
    PATH,
    QUESTION,
    STUB,
    Target,
    ask,
    children_of,
    nginx,
    process,
    rows_of,
    wait_for,
)
from benchmarks.markdown import table

ASKING, SERVICE = 19_105, 19_106
SECRET = "benchmark-secret-of-callers-0123456789abcdef"
SHOWN = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "gateways" / "nginx.conf"
CHECK = "/authz/nginx"


@contextmanager
def service(folder: Path) -> Iterator[int]:
    """Run the decision service with one limit, and give its number."""
    (folder / "pepper").write_text("5a" * 32)
    (folder / "caller-secret").write_text(SECRET)
    path = folder / "guard.toml"
    path.write_text(
        f'[decision_service]\nlisten = "127.0.0.1:{SERVICE}"\ncallers = "secret"\n'
        'caller_secret_file = "caller-secret"\n[identity]\npepper_file = "pepper"\n'
        '[decision]\nmode = "enforce"\n'
        '[[rate]]\nname = "many"\nscope = "account"\namount = 1e12\nwindow = "1s"\n'
        'mode = "enforce"\n'
    )
    words = [sys.executable, "-m", "cautery.cli", "guard", "serve", str(path)]
    with process(words) as started:
        yield started.pid


@contextmanager
def asking_nginx(folder: Path) -> Iterator[int]:
    """Run nginx by the how-to's file, and give its worker's number."""
    (folder / "caller.conf").write_text(f'proxy_set_header x-cautery-caller "{SECRET}";\n')
    text = SHOWN.read_text()
    for shown, ours in (
        ("127.0.0.1:8080", f"127.0.0.1:{ASKING}"),
        ("127.0.0.1:8090", f"127.0.0.1:{SERVICE}"),
        ("127.0.0.1:8000", f"127.0.0.1:{STUB}"),
        ("keepalive 32;", "keepalive 256; keepalive_requests 100000000;"),
        ("keepalive 64;", "keepalive 256; keepalive_requests 100000000;"),
        ("/etc/nginx/cautery-caller.conf", str(folder / "caller.conf")),
    ):
        text = text.replace(shown, ours)
    (folder / "cautery.conf").write_text(text)
    around = NGINX_CONFIGURATION.format(folder=folder, name="asking", port=0, stub=STUB, server="@")
    head = around[: around.index("  upstream stub")]
    path = folder / "asking.conf"
    path.write_text(f"{head}  include {folder}/cautery.conf;\n}}\n")
    with process(["nginx", "-c", str(path)]) as started:
        wait_for(ASKING)
        yield children_of(started.pid)[0]


def write_scripts(folder: Path) -> tuple[Path, Path]:
    """Write what wrk sends: a client's chat, and nginx's question about it."""
    chat, check = folder / "post.lua", folder / "check.lua"
    chat.write_text(
        f'wrk.method = "POST"\nwrk.body = {json.dumps(QUESTION)}\n'
        f'wrk.headers["Authorization"] = "Bearer {KEY}"\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
    )
    told = {
        "Authorization": f"Bearer {KEY}",
        "x-cautery-caller": SECRET,
        "x-original-method": "POST",
        "x-original-uri": PATH,
        "x-forwarded-for": "203.0.113.9",
    }
    check.write_text("".join(f'wrk.headers["{name}"] = "{told[name]}"\n' for name in told))
    return chat, check


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[64])
    told = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        chat, check = write_scripts(folder)
        stack.enter_context(nginx(folder, "stub", STUB, f"location / {{ return 200 '{ANSWER}'; }}"))
        alone = stack.enter_context(nginx(folder, "nginx", NGINX, PASS_ON))
        guard = stack.enter_context(service(folder))
        worker = stack.enter_context(asking_nginx(folder))
        targets = [
            Target("nginx", NGINX, [alone]),
            Target("nginx that asks the guard", ASKING, [worker, guard]),
            Target("the decision service alone", SERVICE, [guard]),
        ]
        for _ in range(told.rounds):
            for connections in told.connections:
                for target in targets[:2]:
                    ask(target, chat, connections, told.seconds)
                ask(targets[2], check, connections, told.seconds, CHECK)
        rows = [row for connections in told.connections for row in rows_of(targets, connections)]
        head = ["program", "connections", "requests/s", "of nginx's"]
        head += ["CPU us/request", "times nginx's", "p50 / p99"]
        print("\n".join(table(head, rows)))


if __name__ == "__main__":
    main()
