"""A guard put together from its configuration, in process, as any adapter does it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.guard.wired import (
    AUDIT,
    BAND,
    DECISION,
    KEYS,
    MEMBER,
    OVERRIDE,
    POLICY,
    SNAPSHOT,
    STRANGER,
    World,
    make_world,
)

from cautery.cli.guard.check_run import check_lines
from cautery.cli.main import run
from cautery.errors import CauteryError, ConfigurationError, OutputError
from cautery.guard.assembly import Assembled, assemble
from cautery.guard.configuration import load_configuration, load_core_configuration
from cautery.guard.metrics import Metrics
from cautery.guard.observing import Observing
from cautery.guard.outlets import open_outlets
from cautery.guard.watching import watch
from cautery.ports import Authenticator, Decider
from cautery.records.decision import Decision
from cautery.records.identity import Identity, Presented
from cautery.records.key import Secret
from cautery.records.request import RequestFacts

WHOLE = (DECISION, KEYS, SNAPSHOT, BAND, POLICY, AUDIT)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Keys, ledger, snapshot and policy."""
    made = make_world(tmp_path)
    made.policy(OVERRIDE)
    return made


def core(world: World, *sections: str, before: Assembled | None = None) -> Assembled:
    """Assemble from a file without the proxy's sections."""
    path = world.folder / "core.toml"
    path.write_text("".join(sections))
    return assemble(load_core_configuration(path), before=before)


def ask(guard: Assembled, account_id: str = MEMBER) -> Decision:
    """Have a request decided on."""
    return guard.decider.decide(
        RequestFacts(arrived_at=datetime.now(UTC), request_id="r", account_id=account_id)
    )


def recognised(guard: Assembled, key: str) -> object:
    """Present a key."""
    return guard.authenticator.authenticate(
        Presented(
            credential=Secret(key.encode()),
            scheme="bearer",
            arrived_at=datetime.now(UTC),
            client_address="192.0.2.1",
        )
    )


def test_an_adapter_needs_no_section_of_the_proxy(world: World) -> None:
    """Ports, words and keys are there; no thread runs before the start or after the end."""
    key = world.key(STRANGER, org_id="org-1")
    threads = threading.active_count()
    guard = core(world, *WHOLE)
    decider: Decider = guard.decider
    authenticator: Authenticator = guard.authenticator
    assert (decider, authenticator) == (guard.decider, guard.authenticator)
    assert recognised(guard, key) == Identity(
        account_id=STRANGER, key_id=world.issued, org_id="org-1", credential_state="valid"
    )
    guard.start()
    assert ask(guard).enforced_action == "block"
    assert len(guard.sketch_key) == 32
    assert guard.faults() == []
    guard.close()
    guard.close()
    assert threading.active_count() == threads
    assert len(world.records()) == 1


def test_without_sections_it_observes(world: World) -> None:
    """An empty file names accounts by their credentials, and decides nothing."""
    guard = core(world, "")
    assert isinstance(guard.decider, Observing)
    found = recognised(guard, "sk-1")
    assert isinstance(found, Identity)
    assert found.account_id.startswith("key-")
    assert found.credential_state == ""
    assert guard.faults() == []
    page = Metrics()
    watch(guard, page)
    assert "\ncautery_guard_snapshot_age_seconds" not in page.render()
    guard.close()


def test_the_next_guard_takes_over_what_stays(world: World) -> None:
    """Ledger, store, verdicts and policy go on; what was changed is made anew."""
    rate = '[[rate]]\nname = "r"\nscope = "account"\namount = 2\nwindow = "1h"\nmode = "enforce"\n'
    first = core(world, *WHOLE, rate)
    first.start()
    for _ in range(2):
        assert ask(first, "acct_0900").enforced_action != "throttle"
    second = core(world, *WHOLE, rate, "# the same\n", before=first)
    second.start()
    for part in ("snapshots", "trail", "policy"):
        assert getattr(second.deciding, part) is getattr(first.deciding, part) is not None
    first.close(keeping=second)
    assert ask(second, STRANGER).action == "challenge"
    third = core(world, DECISION, SNAPSHOT, AUDIT, before=second)
    third.start()
    second.close(keeping=third)
    assert third.deciding.policy is None
    assert third.deciding.trail is second.deciding.trail
    assert ask(third).enforced_action == "allow"
    third.close()
    assert len(world.records("policy-override")) == 1


def test_one_that_is_refused_leaves_the_other_at_work(world: World) -> None:
    """Whatever is wrong in the new configuration, the old guard has lost nothing."""
    first = core(world, *WHOLE)
    first.start()
    world.policy()
    with pytest.raises(ConfigurationError, match="rules are to be enforced"):
        core(world, *WHOLE, before=first)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        core(world, DECISION + 'allowlist = "keys.db"\n', KEYS, before=first)
    assert ask(first).enforced_action == "block"
    first.close()
    assert len(world.records()) == 1


def test_a_policy_set_is_kept_before_it_is_asked(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """A decision's ``policy_version`` finds the set of its day, after the set was edited too."""
    kept = POLICY + 'archive = "kept"\n'
    path = world.configuration(8000, DECISION, kept, AUDIT)
    assemble(load_configuration(path), rehearsal=True).close()
    assert not (world.folder / "kept").exists()
    first = core(world, DECISION, kept, AUDIT)
    version = ask(first).policy_version
    world.policy(OVERRIDE, mode="shadow")
    second = core(world, DECISION, kept, AUDIT, before=first)
    first.close(keeping=second)
    assert ask(second).policy_version != version
    second.close()
    words = ["--as-of", version, "--archive", str(world.folder / "kept"), "--json"]
    capsys.readouterr()
    assert run(["policy", "explain", "--set", "account.status=closed", *words]) == 0
    assert '"enforce"' in capsys.readouterr().out


def test_a_policy_set_that_cannot_be_kept_is_not_asked(world: World) -> None:
    """The guard does not start, or goes on with the set before."""
    wrong = POLICY + 'archive = "keys.db/kept"\n'
    with pytest.raises(OutputError, match="cannot keep the policy set"):
        core(world, DECISION, wrong, AUDIT)
    first = core(world, *WHOLE)
    with pytest.raises(OutputError, match="cannot keep the policy set"):
        core(world, DECISION, KEYS, SNAPSHOT, BAND, wrong, AUDIT, before=first)
    assert ask(first).enforced_action == "block"
    first.close()


def test_a_ledger_has_one_writer(world: World) -> None:
    """A second process is told so; a check of the file beside a guard at work is not."""
    guard = core(world, *WHOLE)
    with pytest.raises(OutputError, match="another process writes here"):
        core(world, *WHOLE)
    path = world.configuration(8000, *WHOLE)
    assert check_lines(path, "human")[1] == 0
    assemble(load_configuration(path), rehearsal=True).close()
    guard.close()
    assert len(world.records("policy-override")) == 1


def test_several_workers_have_a_ledger_each(world: World) -> None:
    """Each in the folder of its number; the check names the one that is missing."""
    path = world.configuration(8000, DECISION, AUDIT.replace('"ledger"', '"ledgers"'))
    path.write_text(path.read_text().replace("[upstream]", "workers = 2\n[upstream]"))
    (world.folder / "ledgers").mkdir()
    key = str(world.folder / "ledger.key")
    for number in range(2):
        lines, code = check_lines(path, "human")
        assert code == 3
        assert f"ledgers/{number}/checkpoint: there is no ledger here" in lines[0]
        folder = str(world.folder / "ledgers" / str(number))
        assert run(["ledger", "init", folder, "--key", key]) == 0
    assert check_lines(path, "human")[1] == 0
    configuration = load_configuration(path)
    guards = [assemble(configuration, worker=number) for number in range(2)]
    for guard in guards:
        ask(guard)
        guard.close()


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ('[keys]\nstore = "none.db"\n', "there is no store of keys"),
        ('[keys]\nstore = "keys.db"\npepper = "env:NO_SUCH_PEPPER"\n', "not set"),
        ('[keys]\nstore = "keys.db"\npepper = "file:pepper-2"\n', "pepper"),
        (DECISION + '[audit]\nledger = "out"\nkey_file = "ledger.key"\n', "there is no ledger"),
        (DECISION + 'tag_secret_file = "out/case.json"\n', "a secret"),
        (DECISION + '[policy]\nfile = "out/case.json"\n', "not TOML"),
        (
            '[[issuer]]\nissuer = "i"\naudience = "a"\nkeys_url = "http://example.com/k"\n',
            "keys are fetched by https",
        ),
        (KEYS + '[proofs]\norigins = ["https://a/b"]\n', "no origin"),
        (
            DECISION
            + '[[rate]]\nname = "r"\nscope = "key"\namount = 1\nwindow = 1\nshared = true\n'
            '[sharing]\nurl = "http://x"\n',
            "the address of the shared store",
        ),
    ],
    ids=range(9),
)
def test_what_cannot_be_used_is_named(world: World, sections: str, fault: str) -> None:
    """Nothing starts with a part that does not work, and nothing is left open by it."""
    threads = threading.active_count()
    with pytest.raises(CauteryError, match=fault):
        core(world, sections)
    assert threading.active_count() == threads


def test_a_store_chooses_no_command(world: World) -> None:
    """Who can write to the store runs nothing on the guard's machine; the configuration may."""
    with closing(sqlite3.connect(world.folder / "keys.db")) as database:
        [(before,)] = database.execute("SELECT pepper FROM about")
        ran = world.folder / "ran"
        database.execute("UPDATE about SET pepper = ?", (f"command:touch {ran}",))
        database.commit()
    with pytest.raises(ConfigurationError, match="a guard runs none by that"):
        core(world, KEYS)
    assert not ran.exists()
    words = f"command:cat {before.removeprefix('file:')}"
    core(world, KEYS + f'pepper = "{words}"\n').close()


def test_why_it_is_not_ready(world: World) -> None:
    """No verdicts, no issuer's keys; in shadow nothing stops a request, so nothing is said."""
    closed = DECISION + 'fail_closed = ["no-snapshot"]\n'
    absent = SNAPSHOT.replace("verdicts", "none")
    guard = core(world, closed, absent)
    [fault] = guard.faults()
    assert fault.startswith("there is no snapshot")
    guard.close()
    for sections in (
        (DECISION, absent),
        (closed.replace("enforce", "shadow"), absent),
        (closed, SNAPSHOT),
    ):
        guard = core(world, *sections)
        assert guard.faults() == []
        guard.close()
    issuer = '[[issuer]]\nissuer = "i"\naudience = "a"\nkeys_url = "https://127.0.0.1:1/k"\n'
    guard = core(world, issuer)
    assert guard.faults() == ["no issuer's keys could be fetched yet"]
    guard.close()


def test_outlets_close_what_they_opened(world: World) -> None:
    """If the last of them cannot be opened, the first are closed again."""
    (world.folder / "records").mkdir()
    path = world.folder / "core.toml"
    path.write_text('[recording]\nfolder = "records"\n[events]\nfile = "out/case.json/events"\n')
    threads = threading.active_count()
    with pytest.raises(ConfigurationError, match="events cannot be opened"):
        open_outlets(load_core_configuration(path), Metrics())
    assert threading.active_count() == threads
    path.write_text('[events]\nfile = "events.jsonl"\n')
    outlets = open_outlets(load_core_configuration(path), Metrics())
    assert outlets.recorder is None
    outlets.close()
    assert (world.folder / "events.jsonl").read_bytes() == b""
