"""The server as it is run: by the command line, over TCP and TLS, against other programs."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.guard.certificates import Authority
from tests.intel.taxii.servers import RunningServer, sharing_server
from tests.intel.taxii.sharing import (
    COLLECTION,
    OBJECTS,
    Site,
    envelope,
    indicator,
    make_site,
    marked,
    object_id,
)

from cautery.cli.main import run
from cautery.errors import MissingExtraError
from cautery.intel.stix_reading import read_bundle
from cautery.intel.taxii import serving
from cautery.intel.taxii.media_types import TAXII
from cautery.intel.taxii.pushing import read_bundles

pytest.importorskip("uvicorn")
BULLETIN = Path(__file__).parents[1] / "samples" / "stix" / "good" / "bulletin.json"
STORAGES = ("sqlite", "postgresql")


@pytest.fixture
def server(site: Site) -> Iterator[RunningServer]:
    with sharing_server(site.path) as server:
        yield server


def test_the_client_of_oasis_drives_it(server: RunningServer, site: Site) -> None:
    """taxii2-client discovers, pushes, reads the status, filters, pages and deletes."""
    v21 = pytest.importorskip("taxii2client.v21")
    entry = {"user": "acme", "password": site.tokens["acme"]}
    home = v21.Server(f"http://127.0.0.1:{server.port}/taxii2/", **entry)
    assert [root.title for root in home.api_roots] == ["Shared", "For one peer"]
    assert home.default.versions == [TAXII]
    by_id = {one.id: one for one in home.default.collections}
    collection = by_id[COLLECTION]
    assert (collection.can_read, collection.can_write) == (True, True)
    definition = {
        **indicator(0),
        "type": "extension-definition",
        "id": object_id(0, "extension-definition"),
        "version": "1.0.0",
    }
    objects = [definition, *[indicator(number) for number in range(30)], marked(40, "red")]
    status = collection.add_objects({"objects": objects})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 31, 1)
    status.refresh()
    assert status.failures[0]["id"] == object_id(40)
    pages = list(v21.as_pages(collection.get_objects, per_request=7))
    assert [one for page in pages for one in page["objects"]] == objects[:-1]
    manifest = list(v21.as_pages(collection.get_manifest, per_request=11))
    records = [one for page in manifest for one in page["objects"]]
    assert [one["id"] for one in records] == [one["id"] for one in objects[:-1]]
    after = records[-3]["date_added"]
    assert len(collection.get_objects(added_after=after)["objects"]) == 2
    assert collection.get_objects(type="extension-definition")["objects"] == [definition]
    assert collection.get_objects(id=[object_id(1), object_id(2)])["objects"] == objects[2:4]
    newer = indicator(1, modified="2026-05-01T00:00:00.000Z")
    collection.add_objects({"objects": [newer]})
    assert collection.get_object(object_id(1))["objects"] == [newer]
    assert len(collection.object_versions(object_id(1))["versions"]) == 2
    collection.delete_object(object_id(1), version="all")
    with pytest.raises(Exception, match="404"):
        collection.get_object(object_id(1))


def test_stix2_reads_a_collection(server: RunningServer, site: Site) -> None:
    """The stix2 library's source and sink of TAXII collections work with it."""
    stix2 = pytest.importorskip("stix2")
    v21 = pytest.importorskip("taxii2client.v21")
    url = f"http://127.0.0.1:{server.port}/shared/collections/{COLLECTION}/"
    collection = v21.Collection(url, user="acme", password=site.tokens["acme"])
    sink = stix2.TAXIICollectionSink(collection)
    sink.add(stix2.parse(indicator(1)))
    source = stix2.TAXIICollectionSource(collection)
    assert source.get(object_id(1)).pattern == indicator(1)["pattern"]
    assert len(source.query([stix2.Filter("type", "=", "indicator")])) == 1


def test_a_client_certificate_is_a_name(tmp_path: Path) -> None:
    """A known certificate of the authority is a peer; unknown, foreign or none is nobody."""
    authority = Authority(tmp_path)
    (tmp_path / "foreign").mkdir()
    foreign = Authority(tmp_path / "foreign").issue("acme")
    own, known, unknown = (authority.issue(name) for name in ("server", "acme", "other"))
    content = x509.load_pem_x509_certificate(known.certificate.read_bytes())
    fingerprint = hashlib.sha256(content.public_bytes(Encoding.DER)).hexdigest()
    site = make_site(
        tmp_path,
        more=f'[tls]\ncertificate = "{own.certificate}"\nprivate_key = "{own.private_key}"\n'
        f'client_authorities = "{authority.certificate}"\n',
        acme=f'certificates = ["{fingerprint}"]',
    )
    token = tmp_path / "token"
    token.write_text(site.tokens["writer"], encoding="ascii")
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps({"type": "bundle", "objects": [indicator(1)]}), encoding="utf-8")
    with sharing_server(site.path) as server:
        url = f"https://127.0.0.1:{server.port}/shared/collections/{COLLECTION}/"
        trust = ["--authorities", str(authority.certificate)]

        def with_certificate(files: Any) -> list[str]:
            return [
                *("--certificate", str(files.certificate)),
                *("--private-key", str(files.private_key)),
            ]

        push = ["intel", "push", url, str(bundle)]
        pull = ["intel", "pull", url, "-o", str(tmp_path / "pulled")]
        assert run([*push, *trust]) == 3
        assert run([*push, *trust, "--token", f"file:{token}"]) == 0
        assert run([*pull, *trust, *with_certificate(unknown)]) == 3
        assert run([*pull, *trust, *with_certificate(known)]) == 0
        both = [*with_certificate(known), "--token", f"file:{token}"]
        assert run([*push, *trust, *both]) == 3
        assert run([*pull, *with_certificate(known)]) == 3  # the system does not trust the server
        with pytest.raises(OSError, match=r"alert|closed|reset|EOF"):
            _say_hello(server, authority, foreign)
    assert len(list((tmp_path / "pulled").glob("*.json"))) == 1


def _say_hello(server: RunningServer, authority: Authority, foreign: Any) -> None:
    context = ssl.create_default_context(cafile=authority.certificate)
    context.load_cert_chain(foreign.certificate, foreign.private_key)
    with (
        socket.create_connection(("127.0.0.1", server.port), 10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(b"GET /taxii2/ HTTP/1.1\r\nhost: x\r\n\r\n")
        if not connection.recv(100):
            raise OSError("closed")


def test_its_log_has_who_asked_what_and_no_secret(server: RunningServer, site: Site) -> None:
    """One JSON object a line; tokens and contents are in none of them."""
    server.ask(site.tokens["acme"], OBJECTS, envelope(indicator(1, name="planted name")))
    with pytest.raises(urllib.error.HTTPError):
        server.ask(site.tokens["acme"], "/nowhere/")
    text = (site.path.parent / "server.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(one["peer"], one["status"]) for one in lines] == [("acme", 202), ("acme", 404)]
    assert "planted" not in text
    assert not any(token in text for token in site.tokens.values())


def test_a_body_that_never_comes_is_given_up(tmp_path: Path) -> None:
    """A client that is too slow gets 408, and others are served meanwhile."""
    site = make_site(tmp_path, more="[limits]\nbody_seconds = 0.3\n")
    head = (
        f"POST {OBJECTS} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n"
        f"content-type: {TAXII}\r\nauthorization: Bearer {site.tokens['acme']}\r\n\r\n"
    )
    with (
        sharing_server(site.path) as server,
        socket.create_connection(("127.0.0.1", server.port), 20) as slow,
    ):
        slow.sendall(head.encode())
        assert server.ask(site.tokens["acme"], "/shared/")[0] == 200
        assert slow.recv(12) == b"HTTP/1.1 408"


def test_a_missing_server_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without uvicorn the message says what to install."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"cautery\[intel\]"):
        serving.serve(site.configuration, lambda _: None)


def test_answers_do_not_wait_for_acknowledgements(site: Site) -> None:
    """Asyncio switches Nagle's algorithm off only where the socket says that it is TCP."""
    listener = serving._listen(site.configuration)
    with listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_and_a_wrong_storage_are_told(site: Site, tmp_path: Path) -> None:
    """The server ends with an error of ours, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = site.path.read_text(encoding="utf-8")
        site.path.write_text(text.replace("127.0.0.1:0", f"127.0.0.1:{port}"), encoding="utf-8")
        assert "cannot listen" in _failure(site.path)
    (tmp_path / "taxii.sqlite").write_bytes(b"no database" * 100)
    site.path.write_text(text, encoding="utf-8")
    assert "cannot be used" in _failure(site.path)


def _failure(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cautery.cli", "intel", "serve", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_bulletin_reaches_a_peer_by_the_verbs(server: RunningServer, site: Site) -> None:
    """Pushed, pulled and imported with the command line: the same objects, byte for byte."""
    folder = site.path.parent
    for name in ("writer", "reader"):
        (folder / name).write_text(site.tokens[name], encoding="ascii")
    url = f"http://127.0.0.1:{server.port}/shared/collections/{COLLECTION}/"
    push = ["intel", "push", url, str(BULLETIN), "--token", f"file:{folder / 'writer'}"]
    pull = ["intel", "pull", url, "-o", str(folder / "in"), "--token", f"file:{folder / 'reader'}"]
    assert run([*push, "--ceiling", "clear"]) == 3
    assert run(push) == 0
    assert run(push) == 0
    assert run(pull) == 0
    assert run(pull) == 0
    (path,) = (folder / "in").glob("*.json")
    assert sorted(read_bundles([path])) == sorted(read_bundles([BULLETIN]))
    assert read_bundle(path.read_bytes(), "in") == read_bundle(BULLETIN.read_bytes(), "in")
    store = str(folder / "indicators.sqlite")
    assert run(["intel", "import", str(path), "--peer", "north", "--store", store]) == 0
