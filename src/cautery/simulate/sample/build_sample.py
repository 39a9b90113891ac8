"""Rebuilds the packaged sample from the shared data pack: ``python build_sample.py DATA_FOLDER``.

Run by hand when the data pack changes; nothing imports it. Sources and licences: ``LICENCES.md``.
"""

from __future__ import annotations

import csv
import gzip
import ipaddress
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LONGEST_PROMPT_CHARACTERS = 900
NETWORKS_PER_KIND_AND_COUNTRY = {"residential": 60, "hosting": 30, "corporate": 40, "education": 20}
COUNTRIES = frozenset(
    "US GB DE FR ES IT NL SE PL BR MX AR IN JP KR SG HK TW VN ID AU CA TR UA ZA".split()
)
RESIDENTIAL_WORDS = (
    "telecom", "comcast", "verizon", "telefonica", "orange", "vodafone", "mobile", "broadband",
    "cable", "charter", "at&t", "ntt", "kddi", "softbank", "jio", "airtel", "telekom", "claro",
    "virgin", "telstra", "rogers", "singtel", "chunghwa", "viettel", "telia", "free sas", "korea",
)  # fmt: skip
EDUCATION_WORDS = ("university", "universit", "college", "school", "institute of tech")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def human_messages(node: dict[str, Any], depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield depth and text of what people wrote in an OpenAssistant tree."""
    if node["role"] == "prompter" and not node.get("synthetic") and node.get("lang") == "en":
        yield depth, node["text"]
    for reply in node.get("replies", []):
        yield from human_messages(reply, depth + 1)


def fits(text: str) -> bool:
    """Say whether a prompt is short enough for the sample."""
    return 12 <= len(text) <= LONGEST_PROMPT_CHARACTERS


def collect_prompts(data: Path) -> dict[str, list[str]]:
    """Gather the human prompts and the public benchmark items."""
    prompts = data / "prompts"
    opening: list[str] = []
    follow_up: list[str] = []
    for tree in read_lines(prompts / "oasst-en-100-tree.jsonl.gz"):
        for depth, text in human_messages(tree["prompt"]):
            (follow_up if depth else opening).append(text)
    for row in read_lines(prompts / "self-instruct-user-252.jsonl.gz"):
        text = "\n".join(
            part for part in (row["instruction"], row["instances"][0]["input"]) if part
        )
        opening.append(text)
    opening += [row["prompt"] for row in read_lines(prompts / "arena-hard-v0.1.jsonl.gz")]
    bench = [row["turns"] for row in read_lines(prompts / "mt-bench.jsonl.gz")]
    return {
        "opening": sorted({text for text in opening if fits(text)}),
        "follow_up": sorted({text for text in follow_up if fits(text)}),
        "mt_bench": [turns[0] for turns in bench],
        "mt_bench_second": [turns[1] for turns in bench],
        "gsm8k": [row["question"] for row in read_lines(prompts / "gsm8k-test-0-399.jsonl.gz")],
    }


def collect_templates(data: Path) -> dict[str, Any]:
    """Cut the recorded harvesting pipelines at the place of their item."""
    found: dict[str, Any] = {"evol": [], "creator": []}
    for row in read_lines(data / "recordings/distilabel-evolinstruct.jsonl.gz"):
        text = row["body"]["messages"][-1]["content"]
        for name, marker, tail in (
            ("evol", "#The Given Prompt#:\n", "\n#Rewritten Prompt#:\n\n"),
            ("creator", "#Given Prompt#:\n", "\n#Created Prompt#:\n"),
        ):
            head = text[: text.find(marker) + len(marker)]
            opens = "I want you act as a Prompt " + ("Rewriter" if name == "evol" else "Creator")
            if text.startswith(opens) and [head, tail] not in found[name]:
                found[name].append([head, tail])
    body = next(read_lines(data / "recordings/distilabel-ultrafeedback.jsonl.gz"))["body"]
    user = body["messages"][1]["content"]
    cut = user.rfind("Instruction: ") + len("Instruction: ")
    found["ultrafeedback"] = {"system": body["messages"][0]["content"], "head": user[:cut]}
    body = next(read_lines(data / "recordings/distilabel-selfinstruct.jsonl.gz"))["body"]
    user = body["messages"][0]["content"]
    cut = user.find("# Context\n") + len("# Context\n")
    found["selfinstruct"] = [user[:cut], "\n\n# Output\n"]
    found["creator"] = found["creator"][:4]
    return found


def collect_clients(data: Path) -> list[dict[str, str]]:
    """Take user agents and header orders as recorded, one row a kind of client."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name in ("sdks", "lm-eval-chat", "distilabel-selfinstruct"):
        for row in read_lines(data / f"recordings/{name}.jsonl.gz"):
            if row["method"] != "POST" or not row.get("body") or "embeddings" in row["path"]:
                continue
            agent = next((v for k, v in row["headers"] if k.lower() == "user-agent"), "")
            order = ",".join(k.lower() for k, _ in row["headers"])
            if len(order) < 400:
                rows.setdefault((agent, order), {"source": name, "path": row["path"]})
    return [
        {"user_agent": agent, "header_order": order, **rest}
        for (agent, order), rest in rows.items()
    ]


def collect_arrivals(data: Path) -> list[tuple[str, int, float, float]]:
    """Reduce ServeGen to one row a client and hour: exchanges an hour, mean cv."""
    rows: list[tuple[str, int, float, float]] = []
    for name in ("m-small", "deepseek-r1"):
        volume: dict[tuple[int, int], float] = defaultdict(float)
        variation: dict[tuple[int, int], list[float]] = defaultdict(list)
        with gzip.open(data / f"arrivals/servegen/{name}.csv.gz", "rt") as stream:
            for row in csv.DictReader(stream):
                key = (int(row["client"]), int(row["window_start_s"]) // 3600)
                volume[key] += float(row["rate_per_s"]) * 600
                variation[key].append(float(row["cv"]))
        for (client, hour), count in sorted(volume.items()):
            cv = sum(variation[client, hour]) / len(variation[client, hour])
            rows.append((f"{name}-{client}", hour, round(count), round(min(cv, 20.0), 1)))
    return rows


def read_autonomous_systems(path: Path) -> set[int]:
    """Read the AS numbers of a list with comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {int(line.split()[0][2:]) for line in lines if line.startswith("AS")}


def kind_of(number: int, name: str, hosting: set[int], vpn: set[int]) -> str:
    """Guess what sort of network an autonomous system is."""
    low = name.lower()
    if number in vpn:
        return "vpn"
    if number in hosting or any(
        word in low for word in ("amazon", "google", "microsoft", "hetzner")
    ):
        return "hosting"
    if any(word in low for word in EDUCATION_WORDS):
        return "education"
    return "residential" if any(word in low for word in RESIDENTIAL_WORDS) else "corporate"


def collect_networks(data: Path) -> list[tuple[str, int, int, str, str]]:
    """Sample address ranges: first address, size, AS number, country and kind."""
    network = data / "network"
    hosting = read_autonomous_systems(network / "datacenter-ASN.txt")
    vpn = read_autonomous_systems(network / "vpn-ASN.txt")
    with gzip.open(network / "country-ipv4.csv.gz", "rt") as stream:
        countries = [(int(ipaddress.ip_address(a)), c) for a, _, c in csv.reader(stream)]
    buckets: dict[tuple[str, str], list[tuple[str, int, int, str, str]]] = defaultdict(list)
    position = 0
    with gzip.open(network / "asn-ipv4.csv.gz", "rt") as stream:
        for first, last, number, name in csv.reader(stream):
            start = int(ipaddress.ip_address(first))
            size = int(ipaddress.ip_address(last)) - start + 1
            while position + 1 < len(countries) and countries[position + 1][0] <= start:
                position += 1
            country = countries[position][1]
            kind = kind_of(int(number), name, hosting, vpn)
            smallest = 4096 if kind in ("residential", "hosting") else 256
            if country in COUNTRIES and size >= smallest and not start % 256:
                buckets[kind, country].append((first, size, int(number), country, kind))
    rows: list[tuple[str, int, int, str, str]] = []
    for (kind, country), found in sorted(buckets.items()):
        most = NETWORKS_PER_KIND_AND_COUNTRY.get(kind, 20) // (1 if country in ("US", "DE") else 3)
        step = max(1, len(found) // max(most, 1))
        rows += found[::step][:most]
    return rows


def write_table(path: Path, header: tuple[str, ...], rows: list[Any]) -> None:
    """Write a gzipped CSV file without a time stamp, so that the bytes repeat."""
    text = "\n".join([",".join(header)] + [",".join(map(str, row)) for row in rows]) + "\n"
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def main() -> None:
    """Build every file of the sample."""
    data = Path(sys.argv[1])
    for name, value in (
        ("prompts", collect_prompts(data)),
        ("templates", collect_templates(data)),
        ("clients", collect_clients(data)),
    ):
        text = json.dumps(value, ensure_ascii=False, indent=0, sort_keys=True)
        (HERE / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    arrivals = ("client", "hour", "exchanges", "variation")
    write_table(HERE / "arrivals.csv.gz", arrivals, collect_arrivals(data))
    networks = ("first_address", "addresses", "asn", "country", "kind")
    write_table(HERE / "networks.csv.gz", networks, collect_networks(data))


if __name__ == "__main__":
    main()
