"""The server's configuration: every fault by its line, and nobody let in by default."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.intel.taxii.sharing import BULLETINS, CONFIGURATION, DROP_BOX, Site

from cautery.errors import ConfigurationError
from cautery.intel.taxii.assembly import check_everything
from cautery.intel.taxii.configuration import check_configuration, load_configuration

RIGHT = CONFIGURATION.format(storage="sqlite:taxii.sqlite", more="", acme="")
FAULTS = {
    "schema": ('"cautery.taxii/1"', '"cautery.taxii/9"', 'schema = "cautery.taxii/1"'),
    "section": ("[[peer]]", "[[pear]]", "Did you mean 'peer'?"),
    "key": ("alias =", "alais =", "Did you mean 'alias'?"),
    "missing": ('ceiling = "clear"\n', "", "[collection] needs ceiling"),
    "label": ('ceiling = "clear"', 'ceiling = "white"', "ceiling: "),
    "identifier": (BULLETINS, BULLETINS.upper(), "id: "),
    "listen": ("127.0.0.1:0", "127.0.0.1", "an address with a port"),
    "port": ("127.0.0.1:0", "127.0.0.1:99999", "an address with a port"),
    "open": ("127.0.0.1:0", "0.0.0.0:0", "without TLS"),
    "storage": ("sqlite:taxii.sqlite", "mysql:x", "storage must be"),
    "password": ("sqlite:taxii.sqlite", "postgresql://a:b@c/d", "must not hold a password"),
    "pepper": ('pepper = "file:pepper"\n', "", "pepper and tokens both"),
    "peer": ('"acme", "reader"', '"acme", "raeder"', "Did you mean 'reader'?"),
    "root": ('root = "closed"', 'root = "clsoed"', "Did you mean 'closed'?"),
    "twice": ('name = "writer"', 'name = "reader"', "[[peer]] 'reader' is there twice"),
    "reserved": ('name = "closed"', 'name = "taxii2"', "is where discovery is"),
    "collection twice": (DROP_BOX, BULLETINS, "is there twice"),
    "url": ('title = "Tests"', 'title = "T"\npublic_url = "https://a/b"', "without a path"),
    "type": ('title = "Tests"', "title = 5", "title: "),
    "syntax": ('title = "Tests"', "title = ", "is not TOML"),
    "tls": ("[server]", '[tls]\ncertificate = "a"\nprivate_key = "b"\n[server]', "no file a"),
    "nobody": ('pepper = "file:pepper"\ntokens = "tokens.toml"\n', "", "nobody could connect"),
    "limit": ("[server]", "[limits]\npage_objects = 0\n[server]", "page_objects: "),
    "table": ("[server]", "[[server]]", "[server] must be a section"),
    "list": ("[[peer]]", "[peer]", "is not TOML"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    """What is wrong is said with file, line and what was probably meant."""
    right, wrong, text = FAULTS[name]
    assert right in RIGHT
    path = tmp_path / "taxii.toml"
    path.write_text(RIGHT.replace(right, wrong), encoding="utf-8")
    configuration, faults = check_configuration(path)
    assert configuration is None
    named = [fault for fault in faults if text in fault.text]
    assert named, faults
    assert named[0].where.startswith(f"{path}:")
    with pytest.raises(ConfigurationError):
        load_configuration(path)


def test_lines_are_the_right_ones(tmp_path: Path) -> None:
    """The line is that of the key in its own section, of several with its name."""
    path = tmp_path / "taxii.toml"
    path.write_text(RIGHT.replace('ceiling = "clear"', 'ceiling = "none"'), encoding="utf-8")
    _, faults = check_configuration(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    number = lines.index('ceiling = "none"') + 1
    assert [fault.where for fault in faults] == [f"{path}:{number}"]


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Nobody has to mend a file fault by fault."""
    path = tmp_path / "taxii.toml"
    wrong = RIGHT
    for right, other, _ in (FAULTS["key"], FAULTS["twice"], FAULTS["label"], FAULTS["storage"]):
        wrong = wrong.replace(right, other)
    path.write_text(wrong, encoding="utf-8")
    faults = check_configuration(path)[1]
    lines = [int(fault.where.rpartition(":")[2]) for fault in faults]
    assert len(faults) == 5  # the renamed peer is missed as well
    assert lines == sorted(lines)


def test_what_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """A missing file, one that is no text, and one that is too long are told as such."""
    path = tmp_path / "taxii.toml"
    assert "cannot be read" in check_configuration(path)[1][0].text
    path.write_bytes(b"\xff\xfe")
    assert "is not TOML" in check_configuration(path)[1][0].text
    path.write_bytes(b"#" * (2**20 + 1))
    assert "longer" in check_configuration(path)[1][0].text


def test_a_right_configuration_has_no_faults(site: Site) -> None:
    """The files that it names are there and can be used."""
    assert check_everything(site.path) == ()


def test_files_that_are_named_are_checked(site: Site) -> None:
    """A missing pepper, and tokens of nobody or without a digest, are faults."""
    folder = site.path.parent
    tokens = folder / "tokens.toml"
    text = tokens.read_text(encoding="utf-8")
    tokens.write_text(
        text.replace('peer = "reader"', 'peer = "nobody"').replace('digest = "', 'digest = "x', 1)
        + 'expires = "soon"\n',
        encoding="utf-8",
    )
    (folder / "pepper").unlink()
    found = [fault.text for fault in check_everything(site.path)]
    assert len(found) == 4
    for part in ("digest: ", "'nobody'", "expires", "pepper"):
        assert any(part in one for one in found)
