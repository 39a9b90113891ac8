"""What is refused, how, and that nothing is left behind."""

from __future__ import annotations

import base64
import json

import pytest
from tests.intel.taxii.sharing import (
    COLLECTION,
    OBJECTS,
    Caller,
    envelope,
    indicator,
    object_id,
)

from cautery.intel.taxii.media_types import TAXII

HERE = f"/shared/collections/{COLLECTION}"
ONE = f"{OBJECTS}{object_id(1)}/"
PATHS = (
    "/taxii2/",
    "/shared/",
    "/shared/collections/",
    f"{HERE}/",
    f"{HERE}/manifest/",
    OBJECTS,
    ONE,
    f"{ONE}versions/",
    "/shared/status/00000000-0000-4000-8000-000000000000/",
    "/",
    "/nothing/",
)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_unknown_learns_anything(caller: Caller, path: str) -> None:
    """Without a token every path answers alike, there or not."""
    for header in ("", "Bearer nothing", "Basic !!", "Bearer", "Digest x", "Bearer " + "x" * 9999):
        answer = caller.ask("GET", path, headers={"authorization": header})
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert set(answer.resource) == {"title", "description", "error_id", "http_status"}


def test_basic_authentication_takes_the_token_as_password(caller: Caller) -> None:
    """Clients that know only user and password can connect, under the peer's own name."""

    def status(name: str, peer: str) -> int:
        pair = f"{name}:{caller.site.tokens[peer]}".encode()
        header = f"Basic {base64.b64encode(pair).decode()}"
        return caller.ask("GET", "/shared/", headers={"authorization": header}).status

    assert status("acme", "acme") == 200
    assert status("acme", "reader") == 401


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (TAXII, 200),
        ("application/taxii+json", 200),
        ("*/*", 200),
        ("", 200),
        ("application/taxii+json;version=2.0", 406),
        ("application/json", 406),
        ("text/html, */*;q=0", 406),
    ],
)
def test_only_what_is_accepted_is_sent(caller: Caller, accept: str, status: int) -> None:
    """Content is negotiated exactly, and every answer is TAXII 2.1, refusals too."""
    answer = caller.ask("GET", "/shared/", headers={"accept": accept})
    assert answer.status == status
    assert answer.headers["content-type"] == TAXII


@pytest.mark.parametrize(
    "kind", ["", "application/json", "application/stix+json;version=2.1", TAXII[:-1] + "0"]
)
def test_only_envelopes_are_taken(caller: Caller, kind: str) -> None:
    """A body of another type is refused before it is read."""
    answer = caller.ask(
        "POST", OBJECTS, body=envelope(indicator(1)), headers={"content-type": kind}
    )
    assert answer.status == 415
    assert caller.poll() == []


def test_compressed_bodies_are_refused(caller: Caller) -> None:
    """Nothing is unpacked, so nothing small becomes large."""
    answer = caller.ask(
        "POST", OBJECTS, body=envelope(indicator(1)), headers={"content-encoding": "gzip"}
    )
    assert answer.status == 415


def test_methods_that_a_resource_does_not_know_are_named(caller: Caller) -> None:
    """The answer says which methods there are."""
    answer = caller.ask("DELETE", OBJECTS)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    assert caller.ask("HEAD", "/shared/").status == 405


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1&limit=2",
        "next=x",
        "next=ffffffffffffffff",
        "added_after=yesterday",
        "added_after=2026-01-01T00:00:00%2B01:00",
        "match[id]=x",
        "match[id]=",
        "match[type]=UPPER",
        "match[version]=newest",
        "match[spec_version]=two",
        "match[name]=x",
        "match[id]=' OR 1=1 --",
        "unknown=1",
        "%FF=%FE",
        "limit",
        "match[type]=" + ",".join(f"kind-{n}" for n in range(101)),
        "added_after=" + "9" * 20_000,
    ],
    ids=range(20),
)
def test_wrong_questions_are_refused(caller: Caller, query: str) -> None:
    """A filter that cannot be heeded is refused, never ignored."""
    caller.push(indicator(1))
    answer = caller.ask("GET", OBJECTS, query=query)
    assert answer.status == 400
    assert answer.resource["http_status"] == "400"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"objects":[]}',
        b'{"objects":{}}',
        b'{"objects":[1]}',
        b'{"objects":[{}]}',
        b'{"type":"indicator","objects":[{}]}',
        b'{"objects":[' + b"[" * 100_000,
        b'{"objects":[{"a":' * 2_000,
        b'{"objects":[{"id":"indicator--x","type":"indicator"}]}',
        envelope({**indicator(1), "type": "malware"}),
        envelope(indicator(1))[:-2] + b',{"id":NaN}]}',
        envelope(indicator(1)).replace(b'"type"', b'"type": "indicator", "type"', 1),
        envelope(indicator(1)).replace(b"stix", b"st\xffx"),
        envelope({**indicator(1), "type": "bundle", "id": object_id(1, "bundle")}),
        envelope(indicator(1), {**indicator(2), "deep": json.loads("[" * 40 + "]" * 40)}),
    ],
    ids=range(17),
)
def test_what_is_no_envelope_leaves_nothing_behind(caller: Caller, body: bytes) -> None:
    """A body of which a part cannot be read is refused as a whole."""
    answer = caller.ask("POST", OBJECTS, body=body)
    assert answer.status == 422
    assert answer.resource["title"]
    assert caller.poll() == []
    assert caller.ask("GET", f"{HERE}/manifest/").body == b"{}"


def test_a_body_past_the_limit_is_refused_unread(caller: Caller) -> None:
    """A declared and an undeclared length past the limit are both refused."""
    declared = caller.ask("POST", OBJECTS, body=b"x", headers={"content-length": str(2**40)})
    found = caller.ask("POST", OBJECTS, body=b" " * (16 * 2**20 + 1))
    many = caller.ask("POST", OBJECTS, body=b'{"objects":[' + b"1," * 10_000 + b"1]}")
    large = caller.ask("POST", OBJECTS, body=envelope(indicator(1, name="n" * 2**20)))
    assert {one.status for one in (declared, found, many, large)} == {413}
    assert declared.headers["connection"] == "close"
    assert caller.poll() == []
