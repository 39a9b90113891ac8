"""Whose text? Real two-layer generations against the keys of 24,000 accounts, and null trials.

    python benchmarks/attribution.py --texts TEXTS.jsonl            # of watermark_texts.py
    python benchmarks/attribution.py --texts TEXTS.jsonl --null-trials 1000000

The texts were written with the widest account share. Each is also read with smaller ones: their
account positions are a subset (the same hash, a lower threshold), and as both layers keep the
model's distribution, it is as if the text had been written with that share. A null trial is an
unmarked text under a key that marked nothing; an accusation needs 1e-6 over all 24,000 keys.

A text tells no more about its account than the entropy of the account layer's positions: to name
one of 24,000 takes log(24,000) = 10.1 nats (Fano's inequality), whatever the detector, and more if
it does not know the probabilities that the model gave.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table
from benchmarks.watermark_texts import SCHEME, account_key

from cautery.records.key import Key
from cautery.registry import SCHEMES
from cautery.watermark.attribution import Attribution, attribute
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.scoring import Plan, best_first, score, unrepeated
from cautery.watermark.wrong_key_replay import wrong_keys

ACCOUNTS: Final = 24_000
FALSE_POSITIVE_RATE: Final = 1e-6
"""Over all accounts together."""
SHARES: Final = (0.25, 0.5, 0.75, 0.9)
SEED: Final = 7


def plan_of(share: float) -> Plan:
    """Say how a text is tested whose account layer has this share."""
    scheme = SCHEMES.load(SCHEME)
    parameters = scheme.parameters({"account_share": share})
    mode = Deduplicate(scheme.deduplicate(parameters))
    return Plan(
        scheme=scheme,
        parameters=parameters,
        deduplicate=mode,
        false_positive_rate=FALSE_POSITIVE_RATE,
    )


def account_nats(plan: Plan, text: dict[str, Any], key: Key) -> float:
    """Entropy of the positions that tell whose text it is: a bound on what any detector learns."""
    tokens = np.array(text["tokens"], dtype=np.int64)
    positions = plan.scheme.positions(tokens, plan.parameters, key)
    scored = unrepeated(plan, positions, key)
    return float(np.array(text["entropies"])[scored.index].sum())


def share_row(share: float, texts: Sequence[dict[str, Any]], keys: list[Key]) -> list[object]:
    """Attribute all texts, read as written with a share; a row of the table."""
    plan = plan_of(share)
    found: list[Attribution] = []
    right, named, wrong = [], 0, 0
    nats = []
    for text in texts:
        one = attribute(plan, text["tokens"], keys)
        found.append(one)
        own_key = next(key for key in keys if key.account_id == text["account"])
        own = own_key.key_id
        nats.append(account_nats(plan, text, own_key))
        first = one.candidates[0].key_id == own
        right.append(first)
        named += own in one.attributed
        wrong += any(key_id != own for key_id in one.attributed)
    # Where the right account is not first, the margin counts against it.
    margins = [one.margin if good else -one.margin for one, good in zip(found, right, strict=True)]
    scored = np.median([one.candidates[0].tokens_scored for one in found])
    low, middle = np.quantile(margins, [0.05, 0.5])
    return [
        share,
        f"{sum(right)} of {len(texts)}",
        f"{sum(right) / len(texts):.1%}",
        named,
        wrong,
        f"{scored:.0f}",
        f"{middle:.1f}",
        f"{low:.1f}",
        sum(value < math.log(ACCOUNTS) for value in nats),
        f"{min(nats):.0f}",
    ]


def show_shares(texts: Sequence[dict[str, Any]], shares: Sequence[float]) -> None:
    """Print one row a share, and the texts that fail at the smallest."""
    parameters = plan_of(shares[0]).parameters
    names = [text["account"] for text in texts]
    others = (f"o-{number:05}" for number in range(ACCOUNTS - len(names)))
    keys = [account_key(name, parameters) for name in [*names, *others]]
    header = ["account share", "right first", "share", "named", "wrongly named"]
    header += ["tokens scored, median", "margin, median", "margin, 5 %"]
    header += ["texts under 10.1 nats", "fewest nats"]
    rows = []
    for share in shares:
        start = time.process_time()
        rows.append(share_row(share, texts, keys))
        print(*rows[-1], f"{time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
    print("\n".join(table(header, rows)))


def show_entropy(texts: Sequence[dict[str, Any]]) -> None:
    """Print how much choice the texts left: the source of all evidence."""
    means = [float(np.mean(text["entropies"])) for text in texts if text["entropies"]]
    low, middle = np.quantile(means, [0.05, 0.5])
    print(f"\nEntropy, nats per token: median text {middle:.2f}, lowest twentieth {low:.2f}")


def show_null(texts: Sequence[dict[str, Any]], trials: int, share: float) -> None:
    """Count accusations among wrong keys on unmarked texts."""
    plan = plan_of(share)
    like = account_key("like", plan.parameters)
    count = math.ceil(trials / len(texts))
    # The layer is split by half of the key: all keys of an epoch share it, and so do these.
    drawn = wrong_keys(plan, like, count, SEED)
    line = math.log10(FALSE_POSITIVE_RATE / ACCOUNTS)
    accused, best = 0, 0.0
    split = like.value.reveal()[:16]
    keys = [_with_split(key, split) for key in drawn]
    for text in texts:
        front = best_first(plan.null, score(plan, text["tokens"], keys), 20)
        accused += sum(log10_p <= line for _, log10_p in front)
        best = min(best, front[0][1])
    print(
        f"\n{count * len(texts):,} null trials ({len(texts)} unmarked texts, {count:,} keys): "
        f"{accused} accusations; smallest log10 p {best:.2f}, an accusation needs {line:.2f}"
    )


def _with_split(key: Key, split: bytes) -> Key:
    from cautery.records.key import Secret

    value = Secret(split + key.value.reveal()[16:])
    return Key(key_id=key.key_id, value=value, layer=key.layer, epoch=key.epoch)


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True, help="what watermark_texts.py wrote")
    parser.add_argument("--shares", type=float, nargs="*", default=SHARES)
    parser.add_argument("--lowest", type=int, help="only so many texts, of the lowest entropy")
    parser.add_argument("--null-trials", type=int, default=0)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.texts.open(encoding="utf-8")]
    marked = [row for row in rows if row["marked"]]
    widest = min(row["account_share"] for row in marked)
    shares = [share for share in options.shares if share <= widest]
    if options.null_trials:
        plain = [row for row in rows if not row["marked"]]
        show_null(plain, options.null_trials, shares[0])
        return
    marked.sort(key=lambda row: float(np.mean(row["entropies"])))
    marked = marked[: options.lowest]
    show_shares(marked, shares)
    show_entropy(marked)


if __name__ == "__main__":
    main()
