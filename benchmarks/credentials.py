"""Times how long a guard takes to recognise a credential, and what that holds in memory.

    python benchmarks/credentials.py --keys 1000000

Keys are issued into a store in a temporary folder. Then a new process opens the store as a guard
does, and asks for keys that it holds in memory, for keys of the whole store at random, for junk
that the checksum refuses, and for keys that nobody has. Tokens and proofs are verified as they come
from a client. Times are the median and the 99th percentile of single calls to ``authenticate``;
memory is the growth of the process.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.markdown import table
from joserfc import jwk
from tests.guard.authentication import issuers

from cautery.guard.authentication.api_key import KeyForm, draw_key
from cautery.guard.authentication.key_lookup import KeyLookup
from cautery.guard.authentication.key_networks import KeyNetworks
from cautery.guard.authentication.key_order import KeyOrder
from cautery.guard.authentication.key_store import KeyStore, begin_store
from cautery.guard.authentication.pepper import Pepper
from cautery.guard.credentials import Credentials
from cautery.records.identity import Identity, Presented
from cautery.records.key import Secret

PEPPER: Final = Pepper(Secret(bytes(range(7, 39))))
CALLS: Final = 20_000
HOT_KEYS: Final = 5_000
SAMPLE: Final = 100_000
TOKEN_CALLS: Final = 2_000


def write_store(folder: Path, count: int) -> float:
    """Issue keys, leave a sample of them beside the store, and give the seconds it took."""
    begin_store(folder / "keys.db", "acme", "env:PEPPER", PEPPER)
    began = time.perf_counter()
    every = max(1, count // SAMPLE)
    with (
        closing(KeyStore(folder / "keys.db")) as store,
        (folder / "sample.txt").open("wb") as sample,
    ):
        orders = (KeyOrder(account_id=f"account-{number // 2}") for number in range(count))
        for number, made in enumerate(store.add(orders, PEPPER, datetime.now(UTC))):
            if number % every == 0:
                sample.write(made.key.reveal() + b"\n")
    return time.perf_counter() - began


def microseconds(call: Callable[[Presented], object], asked: Sequence[Presented]) -> list[str]:
    """Time single calls; give the median and the 99th percentile."""
    taken = []
    for presented in asked:
        began = time.perf_counter_ns()
        call(presented)
        taken.append(time.perf_counter_ns() - began)
    marks = statistics.quantiles(taken, n=100)
    return [f"{marks[49] / 1000:.1f}", f"{marks[98] / 1000:.1f}"]


def measure(folder: Path) -> Iterator[list[str]]:
    """Ask a guard on the store; yields a row for each kind of credential."""
    draw = random.Random(5)
    sample = (folder / "sample.txt").read_bytes().split()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    guard = Credentials(keys=KeyLookup(folder / "keys.db", PEPPER), networks=KeyNetworks())
    hot = [issuers.presented_of(key) for key in draw.sample(sample, min(HOT_KEYS, len(sample)))]
    for presented in hot:
        if not isinstance(guard.authenticate(presented), Identity):
            raise SystemExit("a key that was issued is not recognised")
    asked = [draw.choice(hot) for _ in range(CALLS)]
    yield ["key that was used lately", *microseconds(guard.authenticate, asked)]
    asked = [issuers.presented_of(draw.choice(sample)) for _ in range(CALLS)]
    yield ["key of the whole store at random", *microseconds(guard.authenticate, asked)]
    junk = [issuers.presented_of(key[:-1] + b"!") for key in draw.choices(sample, k=CALLS)]
    yield ["junk", *microseconds(guard.authenticate, junk)]
    form = KeyForm(prefix="acme")
    nobodys = [issuers.presented_of(draw_key(form).reveal()) for _ in range(CALLS)]
    yield ["well-formed key that nobody has", *microseconds(guard.authenticate, nobodys)]
    for key in sample:
        guard.authenticate(issuers.presented_of(key))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield [f"memory after {len(sample):,} keys", f"{(after - before) / 1024:.0f} MiB", ""]


def measure_tokens() -> Iterator[list[str]]:
    """Verify tokens, and tokens with proofs."""
    tokens = [
        issuers.presented_of(issuers.token_of(jti=str(number))) for number in range(TOKEN_CALLS)
    ]
    guard = Credentials(tokens=issuers.tokens_of(), proofs=issuers.proofs_of())
    yield ["access token, ES256", *microseconds(guard.authenticate, tokens)]
    jkt = jwk.import_key(issuers.public_of(issuers.key_of("ES256", "client"))).thumbprint()
    bound = issuers.token_of(cnf={"jkt": jkt})
    proved = [
        issuers.presented_of(bound, "dpop", proofs=(issuers.proof_of(bound),))
        for _ in range(TOKEN_CALLS)
    ]
    yield ["access token and DPoP proof, ES256", *microseconds(guard.authenticate, proved)]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is not None:
        rows = [*measure(given.folder), *measure_tokens()]
        print("\n".join(table(["credential", "p50, microseconds", "p99"], rows)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = write_store(folder, given.keys)
        size = (folder / "keys.db").stat().st_size / 2**20
        print(f"{given.keys:,} keys issued in {seconds:.0f} s; the store has {size:.0f} MiB")
        sys.stdout.flush()
        subprocess.run([sys.executable, __file__, "--folder", name], check=True)


if __name__ == "__main__":
    main()
