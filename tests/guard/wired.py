"""A folder with everything that a guard decides by, all of it made by the real verbs."""

from __future__ import annotations

import json
import urllib.error
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.guard.guards import PEPPER, RunningGuard
from tests.report.cases import example_case

from cautery.cli.main import run
from cautery.guard.authentication.key_order import KeyOrder
from cautery.guard.authentication.key_store import KeyStore
from cautery.guard.authentication.pepper import read_pepper
from cautery.ledger.commitments import LedgerRecord
from cautery.ledger.key_files import load_public_key
from cautery.ledger.reader import LedgerReader
from cautery.report.results import write_results

MEMBER = example_case().campaigns[0].members[0].account_id
"""An account that the case puts into a campaign, *very likely*."""
STRANGER = "acct_stranger"
"""An account that no campaign holds."""

DECISION = '[decision]\nmode = "enforce"\n'
AUDIT = '[audit]\nledger = "ledger"\nkey_file = "ledger.key"\n'
KEYS = '[keys]\nstore = "keys.db"\n'
SNAPSHOT = '[snapshot]\nfile = "verdicts.snapshot"\n'
BAND = '[[band]]\nband = "very likely"\naction = "block"\nmode = "enforce"\n'
POLICY = '[policy]\nfile = "policy.toml"\n'
OVERRIDE = 'override = { reason = "an incident", owner = "ana" }'


@dataclass
class World:
    """The folder."""

    folder: Path

    def key(self, account_id: str, **order: Any) -> str:
        """Issue a key."""
        with closing(KeyStore(self.folder / "keys.db")) as store:
            pepper = read_pepper(store.pepper_reference)
            made = store.issue(KeyOrder(account_id=account_id, **order), pepper, datetime.now(UTC))
        self.issued = made.issued.key_id
        return made.key.reveal().decode()

    def revoke(self, key_id: str) -> None:
        """Revoke a key by the verb."""
        assert run(["keys", "revoke", str(self.folder / "keys.db"), key_id]) == 0

    def allow(self, account_id: str, owner: str = "ana") -> None:
        """Write an allowlist with one account on it."""
        until = datetime.now(UTC) + timedelta(days=1)
        (self.folder / "allowlist.csv").write_text(
            "account_id,reason,owner,expires_at\n"
            f"{account_id},a pilot customer,{owner},{until.isoformat()}\n"
        )

    def policy(self, enforcement: str = "", mode: str = "enforce") -> None:
        """Write a policy set of the packs that come along."""
        (self.folder / "policy.toml").write_text(
            'schema = "cautery.policy/1"\npacks = ["account-status"]\n'
            f'default_mode = "{mode}"\n[enforcement]\n{enforcement}\n'
        )

    def publish(self, *accounts: str) -> None:
        """Publish the case, with an account table if there are rows of one."""
        words = ["guard", "publish", str(self.folder / "out")]
        words += ["-o", str(self.folder / "verdicts.snapshot")]
        if accounts:
            table = self.folder / "accounts.csv"
            table.write_text("account_id,status\n" + "".join(f"{one}\n" for one in accounts))
            words += ["--accounts", str(table)]
        assert run(words) == 0

    def records(self, kind: str = "decision") -> list[LedgerRecord]:
        """Verify the ledger by the verb, and read its records of a kind."""
        ledger, key = self.folder / "ledger", self.folder / "ledger.key.pub"
        assert run(["ledger", "verify", str(ledger), "--public-key", str(key)]) == 0
        reader = LedgerReader(ledger, load_public_key(key))
        found = [reader.record(position) for position in range(reader.size)]
        return [one for one in found if isinstance(one, LedgerRecord) and one.kind == kind]

    def configuration(self, upstream_port: int, *sections: str, recording: str = "") -> Path:
        """Write a configuration."""
        (self.folder / "records").mkdir(exist_ok=True)
        (self.folder / "pepper").write_text(PEPPER)
        path = self.folder / "guard.toml"
        path.write_text(
            '[guard]\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n'
            f'[upstream]\nurl = "http://127.0.0.1:{upstream_port}"\ncredential = "remove"\n'
            '[identity]\npepper_file = "pepper"\n'
            f'[recording]\nfolder = "records"\n{recording}' + "".join(sections)
        )
        return path


def make_world(folder: Path) -> World:
    """Begin a store of keys and a ledger, and publish a case."""
    store, ledger = str(folder / "keys.db"), str(folder / "ledger")
    words = ["keys", "init", store, "--prefix", "acme", "--new-pepper", str(folder / "key-pepper")]
    assert run(words) == 0
    words = ["ledger", "init", ledger, "--new-key", f"{ledger}.key", "--name", "example.com/guard"]
    assert run(words) == 0
    write_results(example_case(), folder / "out")
    world = World(folder)
    world.publish()
    world.policy()
    return world


def outcome(guard: RunningGuard, key: str, **asked: Any) -> tuple[int, str]:
    """Ask, and give the status with the error's code; empty if there is none."""
    try:
        guard.chat(key, **asked)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["error"]["code"]
    return 200, ""


def readiness(guard: RunningGuard) -> tuple[int, str]:
    """Ask whether requests should be sent there."""
    try:
        return 200, guard.page("/readyz")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
