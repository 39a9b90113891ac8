"""The whole loop, from a simulated attack to the evidence that a model was trained on it.

    python examples/loop.py                # about 20 seconds, in the folder cautery-loop
    python examples/loop.py -o FOLDER

A hydra asks through many accounts; a scan finds it; the guard tags what it is answered with a key
of its own; a student learns from the harvest; the probe names that key and no other; and all of it
goes into a signed pack, and in numbers to peers. Every step is a command that you can type, and is
shown as such. docs/tutorial/the-loop.md explains them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.ngram_models import Whole
from examples.loop_commands import captured, command, say, step, told
from examples.loop_models import (
    Engine,
    SuspectModel,
    chat_server,
    other_text,
    write_tokenizer,
)
from examples.loop_traffic import Question, SimulatedTraffic, ask, running_guard

from cautery.cli.main import run

ACCOUNTS: Final = 1_000
HARVEST: Final = 60
"""Questions that the attacker asks through the guard."""
OTHERS: Final = 20
"""Questions of another campaign that was found, and as many of honest accounts."""
QUESTIONS: Final = 40
"""Questions that a suspect is asked."""
EARLIER: Final = tuple(f"C-2025-000{number}" for number in range(1, 7))
"""Campaigns of earlier cases: their keys are tested for as well."""
NOBODY: Final = "unassigned"
"""Owner of the account layer's key where the gateway names no account's."""
PROFILE: Final = {"schema": "cautery.profile/1", "scheme": "cautery-two-layer"}
ACCOUNTS_ONLY: Final = {
    "shared_context_width": 1,
    "account_context_width": 1,
    "account_share": 0.99,
}
"""Nearly every token is marked by the account's own key, with the context that shows longest."""
CONFIGURATION: Final = """\
[guard]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
[upstream]
url = "{engine}"
credential = "remove"
[identity]
pepper_file = "pepper"
[keys]
store = "keys.db"
[snapshot]
file = "verdicts.snapshot"
[decision]
mode = "enforce"
[[band]]
band = "very likely"
action = "tag"
mode = "enforce"
[[band]]
band = "likely"
action = "tag"
mode = "enforce"
[watermark]
body_field = "vllm_xargs.cautery_key_ids"
[audit]
ledger = "ledger"
key_file = "ledger.key"
[recording]
folder = "records"
text = "full"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What came of the requests."""

    harvest: list[str]
    """Answers that the attacker got."""
    unmarked: list[str]
    """Answers to the same questions without any mark."""
    alone: list[str]
    """Answers to them where each account's own key is all that marks."""


def main(words: list[str] | None = None) -> int:
    """Run the loop in a folder."""
    parser = argparse.ArgumentParser(description="The loop, from an attack to its evidence.")
    parser.add_argument("-o", "--output", type=Path, default=Path("cautery-loop"))
    folder = parser.parse_args(words).output
    if folder.exists():
        parser.error(f"{folder} is there already: name another with -o")
    folder.mkdir(parents=True)
    begun = time.monotonic()
    with contextlib.chdir(folder):
        find()
        prepare()
        served = serve()
        judge(served)
        hand_over()
    print(f"\nthe whole loop took {time.monotonic() - begun:.0f} s; all of it is in {folder}/")
    return 0


def find() -> None:
    """Simulate a hydra, and scan for it."""
    step(1, "a hydra asks through hundreds of accounts, and a scan finds it")
    size = f"--accounts {ACCOUNTS} --attacker-share 0.2 --volume 0.75"
    command(f"simulate --tier hydra {size} -o traffic --no-progress")
    tables = "--accounts traffic/accounts.csv --releases traffic/releases.csv"
    command(f"scan traffic/exchanges.parquet {tables} -o out --no-progress", shown=14)


def prepare() -> None:
    """Give the campaigns keys, publish the verdicts, and begin what the guard needs."""
    step(2, "each campaign gets a watermark key of its own, and guards get the verdicts")
    tokenizer = {"file": "tokenizer.json", "sha256": write_tokenizer(Path())}
    Path("profile.json").write_text(json.dumps({**PROFILE, "tokenizer": tokenizer}))
    alone = {**PROFILE, "tokenizer": tokenizer, "parameters": ACCOUNTS_ONLY}
    Path("accounts-only-profile.json").write_text(json.dumps(alone))
    command("watermark keys init ring.json --new-master master.secret")
    epoch = "--profile profile.json --since 2020-01-01 --until 2100-01-01"
    command(f"watermark keys epoch ring.json e1 {epoch}")
    whose = f"--shared --account {NOBODY} --case out --campaign-keys campaign-keys.csv"
    command(f"watermark keys derive ring.json e1 --profile profile.json {whose} -o keys.json")
    command(
        "guard publish out --accounts traffic/accounts.csv --campaign-keys campaign-keys.csv "
        "-o verdicts.snapshot"
    )
    command("keys init keys.db --prefix acme --new-pepper keys.pepper")
    command("ledger init ledger --new-key ledger.key --name example.com/guard")
    Path("pepper").write_text(secrets.token_hex(32))
    Path("records").mkdir(mode=0o700)


def serve() -> Served:
    """Let everybody ask through the guard, and see which key marked whose answers."""
    step(3, "the guard tags what the campaigns are answered; honest customers pass as before")
    traffic, found = SimulatedTraffic(Path("traffic")), campaigns()
    attackers = [traffic.attacker_of(members(campaign)) for campaign in found]
    asked = {
        "the attacker": traffic.harvest(attackers[0], HARVEST),
        "honest accounts": traffic.honest(OTHERS, seed=1),
    }
    if other := next((name for name in attackers if name != attackers[0]), ""):
        asked["another campaign"] = traffic.harvest(other, OTHERS)
    keys = issued({one.account_id for questions in asked.values() for one in questions})
    owners = key_owners("keys.json")
    default = [key_id for key_id, owner in owners.items() if owner in {"epoch", NOBODY}]
    engine = Engine(Path("profile.json"), Path("keys.json"), default, seed=1)
    answers = {}
    with chat_server(engine) as address:
        Path("guard.toml").write_text(CONFIGURATION.format(engine=address))
        told("cautery guard serve guard.toml &")
        with running_guard(Path("guard.toml"), Path("guard.log")) as guard:
            for who, questions in asked.items():
                before = len(engine.marked)
                answers[who] = ask(guard, questions, keys)
                marks = Counter(owners[key_ids[0]] for key_ids in engine.marked[before:])
                by = ", ".join(f"{count} by {owner}" for owner, count in marks.most_common())
                say(f"{len(questions)} answers to {who}: marked {by}")
    command("ledger verify ledger --public-key ledger.key.pub")
    command("ingest records -o served.parquet --no-progress", shown=2)
    questions = asked["the attacker"]
    return Served(
        harvest=answers["the attacker"],
        unmarked=[engine.plain(one.text) for one in questions],
        alone=alone(questions),
    )


def alone(questions: list[Question]) -> list[str]:
    """Answer once more with keys of accounts only, as a gateway would name them; and log it."""
    epoch = "--profile accounts-only-profile.json --since 2020-01-01 --until 2100-01-01"
    command(f"watermark keys epoch ring.json e2 {epoch}", silent=True)
    whose = "--shared --accounts traffic/accounts.csv"
    words = f"watermark keys derive ring.json e2 --profile accounts-only-profile.json {whose}"
    command(f"{words} -o accounts-only-keys.json", silent=True)
    owners = {owner: key_id for key_id, owner in key_owners("accounts-only-keys.json").items()}
    default = [owners["epoch"]]
    keys = Path("accounts-only-keys.json")
    engine = Engine(Path("accounts-only-profile.json"), keys, (), seed=2)
    answers = []
    for one in questions:
        named = {"cautery_key_ids": [*default, owners[one.account_id]]}
        body = {"messages": [{"content": one.text}], "vllm_xargs": named}
        answers.append(engine(body))
    rows = [
        {"id": place, "text": text, "prompt": one.text, "account_id": one.account_id}
        for place, (one, text) in enumerate(zip(questions, answers, strict=True))
    ]
    Path("accounts-only.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return answers


def judge(served: Served) -> None:
    """Train students, and ask each whether it learned from us."""
    engine = Engine(Path("profile.json"), Path("keys.json"), (), seed=3)
    tokens = engine.read(served.harvest).size
    share = tokens / (tokens + other_text().size)
    step(4, "a student learns from the harvest, another from the same answers without a mark")
    say(f"{tokens:,} tokens of harvest are {share:.0%} of its training text; the rest is human")
    texts = SimulatedTraffic(Path("traffic")).honest(QUESTIONS, seed=2)
    Path("questions.txt").write_text("".join(f"{' '.join(one.text.split())}\n" for one in texts))
    tested = [campaign["campaign_id"] for campaign in campaigns()]
    names = " ".join(f"--campaign {name}" for name in (*tested, *EARLIER))
    keys = f"--profile profile.json --ring ring.json {names} --accounts traffic/accounts.csv"
    known = "--exposure served.parquet --case out --ledger ledger --ledger-key ledger.key"
    step(5, "the probe names the key that marked the harvest")
    probe("student", engine.read(served.harvest), f"{keys} {known}")
    step(6, "it names nothing in the student that never saw a mark")
    probe("clean", engine.read(served.unmarked), f"{keys} {known}")
    step(7, "had accounts' own keys been all that marks, no account would show")
    keys = "--profile accounts-only-profile.json --ring ring.json --accounts traffic/accounts.csv"
    known = "--exposure accounts-only.jsonl --case out"
    probe("accounts-only", engine.read(served.alone), f"{keys} {known}")


def probe(name: str, answers: Whole, options: str) -> None:
    """Serve a student, and test it."""
    with chat_server(SuspectModel(answers)) as address:
        where = f"--suspect {address}/v1 --model {name} --state {name}.answers.jsonl"
        asking = "--prompts questions.txt --max-tokens 1000 --no-progress"
        command(f"provenance model {where} {asking} {options} -o {name}.json", shown=9)


def hand_over() -> None:
    """Pack the evidence, verify it elsewhere, and tell peers."""
    step(8, "the evidence goes into a pack that verifies offline, and in numbers to peers")
    command("report keys trust.key --name example.com/trust-and-safety")
    contents = "--probe student.json --probe clean.json --ledger ledger --key trust.key"
    command(f"report evidence out {contents} --out evidence.zip")
    trusted = "--trusted-key trust.key.pub --ledger-key ledger.key.pub"
    command(f"report verify evidence.zip {trusted}", shown=30)
    content = bytearray(Path("evidence.zip").read_bytes())
    content[len(content) // 2] ^= 1
    Path("changed.zip").write_bytes(content)
    told("# one bit is changed in the middle of a copy")
    command(f"report verify changed.zip {trusted}", wanted=1, shown=1)
    command("intel init labs.keys --group labs")
    shared = (
        "--keys labs.keys --accounts traffic/accounts.csv --valid-days 365 --probe student.json"
    )
    command(f"intel export out --provider 'Example AI' {shared} -o shared.stix.json")


def campaigns() -> list[dict[str, Any]]:
    """Campaigns of the case whose accounts the guard tags."""
    case = json.loads(Path("out/case.json").read_text(encoding="utf-8"))
    return [campaign for campaign in case["campaigns"] if members(campaign)]


def members(campaign: dict[str, Any]) -> list[str]:
    """Accounts of a campaign at ``likely`` or above."""
    bands = {"likely", "very likely"}
    return [one["account_id"] for one in campaign["members"] if one["band"] in bands]


def key_owners(path: str) -> dict[str, str]:
    """Say whose each key of a key file is."""
    rows = json.loads(Path(path).read_text(encoding="utf-8"))["keys"]
    return {
        row["key_id"]: row.get("campaign_id") or row.get("account_id") or "epoch" for row in rows
    }


def issued(accounts: set[str]) -> dict[str, str]:
    """Issue an API key for each account."""
    told(f"cautery keys issue keys.db --account ACCOUNT    # for each of {len(accounts)}")
    keys = {}
    for account in sorted(accounts):
        key = io.StringIO()
        with captured(), contextlib.redirect_stdout(key):
            run(["keys", "issue", "keys.db", "--account", account])
        keys[account] = key.getvalue().strip()
    return keys


if __name__ == "__main__":
    raise SystemExit(main())
