"""Configuration files: what is wrong is named with its line, all of it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.guard.configuration import (
    check_configuration,
    load_configuration,
    load_core_configuration,
)
from cautery.guard.configuration_sections import SECTIONS
from cautery.guard.configuration_values import Address, Setting, WrongValueError, read_value

UPSTREAM = '[upstream]\nurl = "http://127.0.0.1:8000"\n'
LEAST = '[guard]\nlisten = "127.0.0.1:8088"\n' + UPSTREAM

DEGRADE = LEAST + '[decision]\n[[band]]\nband = "watch"\naction = "degrade"\n'


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "guard.toml"
    path.write_text(text)
    configuration, faults = check_configuration(path)
    assert (configuration is None) == bool(faults)
    return [str(fault).removeprefix(str(path)) for fault in faults]


def test_reads_the_least_that_works(tmp_path: Path) -> None:
    """Two keys are enough; everything else has a default."""
    path = tmp_path / "guard.toml"
    path.write_text(LEAST)
    configuration = load_configuration(path)
    assert configuration.guard.listen == Address(host="127.0.0.1", port=8088)
    assert configuration.limits.body_size == 32 * 2**20
    assert configuration.recording is None


def test_reads_units_and_paths(tmp_path: Path) -> None:
    """Sizes and times take units, paths are relative to the file."""
    (tmp_path / "records").mkdir()
    path = tmp_path / "guard.toml"
    path.write_text(
        LEAST
        + '[limits]\nbody_size = "2 MiB"\nidle_timeout = "1.5m"\n[recording]\nfolder = "records"\n'
    )
    configuration = load_configuration(path)
    assert (configuration.limits.body_size, configuration.limits.idle_timeout) == (2 * 2**20, 90.0)
    assert configuration.recording is not None
    assert configuration.recording.folder == tmp_path / "records"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[gaurd]\n" + LEAST, ":1: there is no section 'gaurd' (did you mean 'guard'?)"),
        (LEAST + "[limits]\nbody_sise = 1\n", ":6: [limits] has no key 'body_sise' (did you mean"),
        (LEAST + '[limits]\nbody_size = "1 MB"\n', ":6: [limits] body_size must be a number"),
        (LEAST + "[limits]\nconnections = 0\n", ":6: [limits] connections must be at least 1"),
        (LEAST + "[limits]\nconnections = true\n", ":6: [limits] connections must be a whole"),
        ("x = 1\n" + LEAST, ":1: there is no key 'x'"),
        ('[guard]\nlisten = "8088"\n' + UPSTREAM, ":2: [guard] listen must be an address"),
        ("[guard]\n" + UPSTREAM, ":1: [guard] needs listen"),
        ("[guard\n", ":1: is not TOML"),
        (LEAST + '[recording]\nfolder = "none"\n', ":6: [recording] folder must be a folder"),
        (LEAST + '[webhook]\nurl = "x"\n', ":5: [webhook] must be written [[webhook]]"),
        (LEAST + '[identity]\ntrusted_proxies = ["x"]\n', ":6: [identity] trusted_proxies must be"),
        (LEAST + '[watermark]\nheader = "X Y"\n', ":6: [watermark] header must be lower case"),
        (DEGRADE + 'degradations = ["all"]\n', ":9: [band] degradations must be a list of hide_"),
        (DEGRADE + 'defence_tier = "likely"\n', ":9: a defence_tier needs tiers in [degrade]"),
        (DEGRADE, ":8: an action degrade needs degradations or a defence_tier"),
        (
            DEGRADE + 'defence_tier = "a"\ndegradations = ["drop_logprobs"]\n',
            ":9: degradations and a defence_tier cannot both be given",
        ),
        (
            DEGRADE + 'degradations = ["summarise_reasoning", "answer_only"]\n',
            ":9: answer_only and summarise_reasoning clash",
        ),
        (LEAST + '[degrade]\nusual_tier = "a"\n', ":6: [degrade] usual_tier needs tiers"),
        (LEAST + '[degrade]\noverflow = "pass"\n', ":6: [degrade] overflow must be one of hide"),
        (LEAST + "[degrade]\nheld_characters = 10\n", ":6: [degrade] held_characters must be"),
        (LEAST + '[degrade]\ntiers = "none"\n', ":6: [degrade] tiers must be a file"),
        (LEAST + "guard = 1\n", ": [upstream] has no key 'guard'"),
    ],
    ids=range(23),
)
def test_names_the_line(tmp_path: Path, text: str, fault: str) -> None:
    """Each fault says where it is and what would do."""
    found = faults_of(tmp_path, text)
    assert any(fault in one for one in found), found


DECIDES = LEAST + "[decision]\n"
RATE = '[[rate]]\nname = "r"\nscope = "key"\namount = 1\nwindow = "1m"\n'
BAND = '[[band]]\nband = "likely"\naction = "block"\n'
ISSUER = '[[issuer]]\nissuer = "i"\naudience = "a"\nkeys_url = "https://k"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (LEAST + RATE, ":5: [[rate]] needs a section [decision]"),
        (LEAST + '[snapshot]\nfile = "s"\n', ":5: [snapshot] needs a section [decision]"),
        (DECIDES + '[snapsot]\nfile = "s"\n', ":6: there is no section 'snapsot' (did you mean"),
        (DECIDES + "mode = 1\n", ":6: [decision] mode must be one of off, shadow, enforce"),
        (DECIDES + "fail_opn = []\n", ":6: [decision] has no key 'fail_opn' (did you mean 'fail_o"),
        (
            DECIDES + 'fail_open = ["x"]\n',
            ":6: [decision] fail_open must be a list of audit-failed",
        ),
        (
            DECIDES + 'fail_open = ["clock-jump"]\nfail_closed = ["clock-jump"]\n',
            ":7: [decision] cannot fail open and closed at clock-jump",
        ),
        (DECIDES + 'fail_open = ["audit-failed"]\n', ":5: [decision] audit-failed says nothing"),
        (DECIDES + RATE + RATE, ":12: two rules are called 'r'"),
        (DECIDES + RATE + "shared = true\n", ":11: [[rate]] is shared, and there is no [sharing]"),
        (DECIDES + '[sharing]\nurl = "redis://x"\n' + RATE, ":6: [sharing] shares nothing"),
        (DECIDES + RATE + "burst = -1\n", ":11: [rate] burst must be from"),
        (DECIDES + RATE.replace("= 1", "= nan"), ":9: [rate] amount must be a number"),
        (DECIDES + BAND + BAND, ":10: [[band]] 'likely' has a rule already"),
        (DECIDES + BAND.replace("block", "degrade"), ":8: an action degrade needs degradations"),
        (DECIDES + BAND + 'name = "r"\n' + RATE, ":11: two rules are called 'r'"),
        (DECIDES + '[early_warning]\naction = "block"\n', ":7: [early_warning] action must be one"),
        (LEAST + '[proofs]\norigins = ["https://a"]\n', ":5: [proofs] needs [keys] or an [[issuer"),
        (LEAST + ISSUER + ISSUER, ":10: [[issuer]] is there twice"),
        (
            LEAST + ISSUER + 'verifications = { gold = "shoe" }\n',
            ":9: [issuer] verifications must be a table of none, email",
        ),
        (
            LEAST + ISSUER + '[certificates]\nheader = "X"\nform = "client-cert"\n',
            ":10: [certificates] header must be lower case",
        ),
        (
            LEAST + ISSUER + '[certificates]\nheader = "x"\nform = "client-cert"\n',
            ":9: [certificates] needs trusted_proxies in [identity]",
        ),
        (
            LEAST + "[key_sharing]\nnetworks = 65\n",
            ": [key_sharing] most_networks must be at least",
        ),
    ],
    ids=range(23),
)
def test_sections_are_checked_against_each_other(tmp_path: Path, text: str, fault: str) -> None:
    """What one section makes of another is said before anything is served."""
    found = faults_of(tmp_path, text)
    assert any(fault in one for one in found), found


def test_other_adapters_do_without_the_proxy(tmp_path: Path) -> None:
    """The proxy's sections may be left out there; if they are in the file they are read."""
    path = tmp_path / "core.toml"
    path.write_text("[decision]\n" + RATE + ISSUER + 'verifications = { gold = "document" }\n')
    core = load_core_configuration(path)
    assert (core.guard, core.upstream, core.path) == (None, None, path)
    assert core.rate[0].burst is None
    assert core.issuer[0].verifications == (("gold", "document"),)
    with pytest.raises(ConfigurationError, match=r"\[upstream\] needs url \(1 more\)"):
        load_configuration(path)
    path.write_text(LEAST)
    assert load_core_configuration(path).upstream == load_configuration(path).upstream
    path.write_text("[guard]\nlisten = 1\n[decisions]\n")
    with pytest.raises(ConfigurationError, match=r"1 more"):
        load_core_configuration(path)


def test_names_the_right_one_of_several(tmp_path: Path) -> None:
    """The second webhook's fault is at the second webhook's line."""
    secret = tmp_path / "secret"
    secret.write_text("00" * 32)
    good = '[[webhook]]\nurl = "https://a.example"\nsecret_file = "secret"\n'
    bad = good.replace("https://a", "http://a")
    assert faults_of(tmp_path, LEAST + good + bad) == [
        ":9: [[webhook]] url must begin with https://"
    ]


@pytest.mark.parametrize("path", ["a\\u0000b", "x" * 5_000], ids=["nul", "long"])
@pytest.mark.parametrize(
    "key",
    ['[identity]\npepper_file = "{}"\n', '[events]\nfile = "{}"\n', '[recording]\nfolder = "{}"\n'],
    ids=["file", "path", "folder"],
)
def test_a_path_that_no_system_takes(tmp_path: Path, key: str, path: str) -> None:
    """It is a fault of its line, and no crash."""
    (fault,) = faults_of(tmp_path, LEAST + key.format(path))
    assert fault.startswith(":6: ")
    assert "cannot be the name of a file" in fault


@pytest.mark.parametrize("time", ["1e308", '"999999999d"', "99999999999999999999"])
def test_a_time_that_no_date_takes(tmp_path: Path, time: str) -> None:
    """No decision could be given an end so far away."""
    (fault,) = faults_of(tmp_path, LEAST + f"[decision]\nlifetime = {time}\n")
    assert fault.startswith(":6: [decision] lifetime must be less than a hundred years")


@pytest.mark.parametrize("host", ["localhost.example", "127.0.0.1.example", "localhost@example"])
def test_a_webhook_is_told_in_the_clear_on_this_machine_only(tmp_path: Path, host: str) -> None:
    """A name that only begins like this machine's is another machine."""
    (tmp_path / "secret").write_text("a" * 64)
    webhook = f'[[webhook]]\nurl = "http://{host}/"\nsecret_file = "secret"\n'
    assert faults_of(tmp_path, LEAST + webhook)
    assert not faults_of(tmp_path, LEAST + webhook.replace(host, "localhost:1"))


def test_the_admin_listener_is_not_for_clients(tmp_path: Path) -> None:
    """What is counted is not shown to clients by a slip."""
    text = LEAST.replace("[upstream]", 'admin = "127.0.0.1:8088"\n[upstream]')
    assert "must not be where clients are served" in faults_of(tmp_path, text)[0]


def test_names_everything_at_once(tmp_path: Path) -> None:
    """One run of the check is enough to mend a file."""
    text = LEAST + "[limits]\nconnections = 0\nhead_size = -1\nnothing = 2\n"
    assert len(faults_of(tmp_path, text)) == 3
    with pytest.raises(ConfigurationError, match="2 more"):
        load_configuration(tmp_path / "guard.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_configuration(tmp_path / "none.toml")


def test_every_key_is_described() -> None:
    """The reference page has a sentence for each."""
    for section in SECTIONS.values():
        for one in section.__dataclass_fields__.values():
            assert one.metadata["setting"].description.endswith(".")


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)


@given(st.sampled_from(["text", "bytes", "seconds", "address", "url", "networks"]), VALUES)
def test_any_value_is_read_or_refused(kind: Any, value: Any) -> None:
    """No value of a file ends in anything but a fault."""
    try:
        read_value(Setting(kind=kind, description=""), value, Path())
    except WrongValueError:
        return
