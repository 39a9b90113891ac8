"""The verbs: what they print, and with which code they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.intel.taxii.peer_servers import Said, peer_server
from tests.intel.taxii.sharing import Site, indicator, marked, object_id

from cautery.cli.main import run


def _bundle(folder: Path, *objects: object) -> str:
    path = folder / "bundle.json"
    path.write_text(json.dumps({"type": "bundle", "objects": objects}), encoding="utf-8")
    return str(path)


def test_check_names_faults(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """A right file is said to be so; a wrong one is 3, with each fault on a line or in JSON."""
    assert run(["intel", "serve", str(site.path), "--check"]) == 0
    assert "can be served by" in capsys.readouterr().out
    text = site.path.read_text(encoding="utf-8")
    site.path.write_text(text.replace("ceiling", "cieling"), encoding="utf-8")
    assert run(["intel", "serve", str(site.path), "--check"]) == 3
    assert "Did you mean 'ceiling'?" in capsys.readouterr().out
    assert run(["intel", "serve", str(site.path), "--check", "--output-format", "json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert not found["usable"]
    assert len(found["faults"]) == 6  # three collections: an unknown key, and one missing
    assert run(["intel", "serve", str(site.path)]) == 3


def test_new_token_prints_it_once(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """The token is on standard output alone; the file has one more digest."""
    tokens = site.path.parent / "tokens.toml"
    before = tokens.read_text(encoding="utf-8").count("[[token]]")
    assert run(["intel", "serve", str(site.path), "--new-token", "acme"]) == 0
    printed = capsys.readouterr().out.strip()
    text = tokens.read_text(encoding="utf-8")
    assert printed.startswith("cautery-taxii-")
    assert printed not in text
    assert text.count("[[token]]") == before + 1
    assert run(["intel", "serve", str(site.path), "--new-token", "acne"]) == 2
    assert "Did you mean 'acme'?" in capsys.readouterr().err


def test_push_ends_with_3_if_anything_was_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taken and refused objects are counted, and hostile reasons are inert."""
    status = {
        "id": "x-1",
        "status": "complete",
        "success_count": 0,
        "failure_count": 1,
        "pending_count": 0,
        "failures": [{"id": object_id(1), "message": "\x1b[31mno"}],
    }
    said = Said(status=202, body=json.dumps(status).encode())
    path = _bundle(tmp_path, indicator(1), marked(2, "red"))
    with peer_server(lambda _, asked: Said() if asked[0] == "GET" else said) as server:
        assert run(["intel", "push", server.url, path]) == 3
        printed = capsys.readouterr()
        assert "taken: 0, refused or not sent: 2" in printed.out
        assert "\x1b" not in printed.err
        assert run(["intel", "push", server.url, path, "--output-format", "json"]) == 3
        found = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in found["refused"]] == [object_id(2), object_id(1)]


def test_what_is_pulled_can_be_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a poll writes is what `cautery intel import` takes."""
    body = json.dumps({"objects": [indicator(1)]}).encode()
    dated = {"x-taxii-date-added-last": "2026-01-01T00:00:00.000001Z"}
    folder = tmp_path / "pulled"
    with peer_server(lambda *_: Said(body=body, headers=dated)) as server:
        assert run(["intel", "pull", server.url, "-o", str(folder)]) == 0
        assert "objects: 1, bundles: 1" in capsys.readouterr().out
        words = ["intel", "pull", server.url, "-o", str(folder), "--output-format", "json"]
        assert run(words) == 0
        assert json.loads(capsys.readouterr().out)["complete"]
    (path,) = folder.glob("*.json")
    store = tmp_path / "indicators.sqlite"
    assert run(["intel", "import", str(path), "--peer", "p", "--store", str(store)]) == 0
    assert "1 indicators of p" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["push", "https://127.0.0.1/a/"], 2),
        (["push", "http://peer.example/a/", "B"], 2),
        (["push", "https://127.0.0.1/a/", "nowhere.json"], 3),
        (["pull", "https://127.0.0.1/a/", "-o", "x", "--since", "today"], 2),
        (["pull", "https://127.0.0.1/a/", "-o", "x", "--type", "NO"], 2),
        (["pull", "https://127.0.0.1/a/", "-o", "x", "--token", "the-token-itself"], 2),
        (["pull", "https://127.0.0.1/a/", "-o", "x", "--token", "env:NOT_SET_ANYWHERE"], 3),
        (["pull", "https://127.0.0.1/a/", "-o", "x", "--token", "file:nowhere"], 3),
        (["pull", "https://127.0.0.1/a/", "-o", "x", "--authorities", "nowhere"], 3),
    ],
    ids=range(9),
)
def test_wrong_calls_are_told(
    words: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent, no token is printed, and the code says what was wrong."""
    given = [_bundle(tmp_path, indicator(1)) if word == "B" else word for word in words]
    assert run(["intel", *given]) == code
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert "the-token-itself" not in printed.err + printed.out
