"""The endpoints of TAXII 2.1: what each answers, to whom, and how it refuses."""

from __future__ import annotations

import base64
import json

import pytest
from tests.intel.taxii.sharing import (
    BULLETINS,
    COLLECTION,
    DROP_BOX,
    OBJECTS,
    Caller,
    envelope,
    indicator,
    marked,
    object_id,
)

from cautery.intel.taxii.media_types import STIX, TAXII

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


def test_discovery_lists_the_roots_that_a_peer_may_use(caller: Caller) -> None:
    """An API root whose collections are all closed to a peer is not there for it."""
    headers = {"host": "taxii.example.org"}
    found = caller.ask("GET", "/taxii2/", headers=headers).resource
    assert found["api_roots"] == [
        "http://taxii.example.org/shared/",
        "http://taxii.example.org/closed/",
    ]
    assert found["default"] == found["api_roots"][0]
    found = caller.ask("GET", "/taxii2/", peer="reader", headers=headers).resource
    assert found["api_roots"] == ["http://taxii.example.org/shared/"]
    assert caller.ask("GET", "/closed/", peer="reader").status == 404


def test_a_root_says_its_version_and_limit(caller: Caller) -> None:
    """The API root tells how long an envelope may be."""
    assert caller.ask("GET", "/shared/").resource == {
        "title": "Shared",
        "versions": [TAXII],
        "max_content_length": 16 * 2**20,
    }


def test_collections_say_what_a_peer_may_do(caller: Caller) -> None:
    """Each peer sees its own rights, and no collection without any."""
    found = caller.ask("GET", "/shared/collections/", peer="writer").resource["collections"]
    assert [(one["id"], one["can_read"], one["can_write"]) for one in found] == [
        (COLLECTION, False, True),
        (DROP_BOX, False, True),
    ]
    found = caller.ask("GET", "/shared/collections/", peer="reader").resource["collections"]
    assert [one["id"] for one in found] == [COLLECTION]
    assert caller.ask("GET", f"{HERE}/", peer="reader").resource == found[0]
    assert found[0]["media_types"] == [STIX]


def test_a_collection_may_be_called_by_its_alias(caller: Caller) -> None:
    """An alias stands for the identifier everywhere in a path."""
    caller.push(indicator(1), path="/shared/collections/indicators/objects/")
    assert caller.poll(path="/shared/collections/indicators/objects/") == caller.poll()


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


def test_a_push_says_what_became_of_each_object(caller: Caller) -> None:
    """The status names successes and failures, now and later, to who pushed only."""
    objects = (indicator(1), marked(2, "red"), {**indicator(3), "spec_version": "2.0"})
    answer = caller.ask("POST", OBJECTS, body=envelope(*objects))
    status = answer.resource
    assert answer.status == 202
    assert status["status"] == "complete"
    assert (status["total_count"], status["success_count"], status["failure_count"]) == (3, 1, 2)
    assert status["successes"] == [{"id": object_id(1), "version": "2026-01-01T00:00:00.000Z"}]
    messages = [one["message"] for one in status["failures"]]
    assert "TLP:RED" in messages[0]
    assert "2.1" in messages[1]
    path = answer.headers["location"]
    assert caller.ask("GET", path).resource == status
    assert caller.ask("GET", path, peer="writer").status == 404
    assert caller.ask("GET", path.replace("shared", "closed")).status == 404
    assert [one["id"] for one in caller.poll()] == [object_id(1)]


def test_unknown_objects_come_back_byte_for_byte(caller: Caller) -> None:
    """Extension definitions, custom objects, odd spacing and escapes: all as it was pushed."""
    texts = [
        b'{ "type" : "extension-definition","spec_version":"2.1","version":"1.0.0",\n "id":"'
        + object_id(1, "extension-definition").encode()
        + b'","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00.000Z" }',
        b'{"x":1e2,"y":[0.10,"\\u00e9\\ud83d\\ude00","\xc3\xa9"],"type":"x-unheard-of","id":"'
        + object_id(2, "x-unheard-of").encode()
        + b'","spec_version":"2.1","created":"2026-01-01T00:00:00.123456789Z"}',
    ]
    body = b'{"objects":[' + b" , ".join(texts) + b"\n]}"
    assert caller.ask("POST", OBJECTS, body=body).status == 202
    answer = caller.ask("GET", OBJECTS)
    assert answer.body == b'{"more":false,"objects":[' + b",".join(texts) + b"]}"
    versions = caller.ask("GET", f"{OBJECTS}{object_id(2, 'x-unheard-of')}/versions/").resource
    assert versions["versions"] == ["2026-01-01T00:00:00.123456789Z"]


def test_paging_says_where_it_is(caller: Caller) -> None:
    """Headers, next and added_after agree, and added_after is exclusive."""
    caller.push(*[indicator(number) for number in range(5)])
    first = caller.ask("GET", OBJECTS, query="limit=2")
    assert first.resource["more"]
    last = first.headers["x-taxii-date-added-last"]
    assert first.headers["x-taxii-date-added-first"] < last
    by_next = caller.ask("GET", OBJECTS, query=f"limit=2&next={first.resource['next']}")
    by_time = caller.ask("GET", OBJECTS, query=f"limit=2&added_after={last}")
    assert by_next.body == by_time.body
    assert [one["id"] for one in by_next.resource["objects"]] == [object_id(2), object_id(3)]
    end = caller.ask(
        "GET", OBJECTS, query=f"added_after={by_next.headers['x-taxii-date-added-last']}"
    ).resource
    assert (end["more"], len(end["objects"])) == (False, 1)
    assert "next" not in end
    nothing = caller.ask("GET", OBJECTS, query="added_after=2199-01-01T00:00:00Z")
    assert (nothing.status, nothing.body) == (200, b"{}")
    assert "x-taxii-date-added-last" not in nothing.headers


def test_a_manifest_describes_what_objects_gives(caller: Caller) -> None:
    """Manifest and objects agree for the same question."""
    caller.push(*[indicator(number) for number in range(4)])
    query = f"limit=3&match[id]={object_id(1)},{object_id(3)}"
    answer = caller.ask("GET", f"{HERE}/manifest/", query=query)
    objects = caller.ask("GET", OBJECTS, query=query)
    records = answer.resource["objects"]
    assert [one["id"] for one in records] == [one["id"] for one in objects.resource["objects"]]
    assert records[0]["media_type"] == STIX
    assert records[0]["date_added"] == answer.headers["x-taxii-date-added-first"]
    assert answer.headers["x-taxii-date-added-last"] == objects.headers["x-taxii-date-added-last"]


def test_one_object_and_its_versions(caller: Caller) -> None:
    """An object is given in its newest version, all versions are listed, others are not found."""
    for modified in ("2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"):
        caller.push(indicator(1, modified=modified))
    assert [one["modified"] for one in caller.poll(path=ONE)] == ["2026-02-01T00:00:00.000Z"]
    assert len(caller.poll("match[version]=all", path=ONE)) == 2
    versions = caller.ask("GET", f"{ONE}versions/", query="limit=1").resource
    assert (versions["more"], versions["versions"]) == (True, ["2026-01-01T00:00:00.000Z"])
    assert caller.poll("match[version]=2001-01-01T00:00:00Z", path=ONE) == []
    for other in (object_id(2), "indicator--x", "..", "%00"):
        for end in ("", "versions/"):
            assert caller.ask("GET", f"{OBJECTS}{other}/{end}").status == 404


def test_spec_versions_other_than_ours_match_nothing(caller: Caller) -> None:
    """The server has STIX 2.1 only, and says so by giving nothing."""
    caller.push(indicator(1))
    assert caller.poll("match[spec_version]=2.0") == []
    assert len(caller.poll("match[spec_version]=2.0,2.1")) == 1


def test_deleting_needs_both_rights(caller: Caller) -> None:
    """Who may only read or only push deletes nothing; who may do both does."""
    caller.push(indicator(1))
    assert caller.ask("DELETE", ONE, peer="reader").status == 403
    assert caller.ask("DELETE", ONE, peer="writer").status == 403
    assert caller.ask("DELETE", ONE, query="match[version]=2001-01-01T00:00:00Z").status == 404
    assert caller.ask("DELETE", ONE, query="match[spec_version]=2.0").status == 404
    assert len(caller.poll()) == 1
    assert caller.ask("DELETE", ONE).status == 200
    assert caller.ask("DELETE", ONE).status == 404


def test_rights_are_kept(caller: Caller) -> None:
    """Reading and pushing are granted apart, and a closed collection is not found."""
    closed = f"/closed/collections/{BULLETINS}/objects/"
    box = f"/shared/collections/{DROP_BOX}/objects/"
    assert caller.ask("GET", OBJECTS, peer="writer").status == 403
    assert caller.ask("GET", f"{HERE}/manifest/", peer="writer").status == 403
    assert caller.ask("POST", OBJECTS, body=b"", peer="reader").status == 403
    for method in ("GET", "POST"):
        assert caller.ask(method, closed, peer="reader").status == 404
        assert caller.ask(method, box, peer="reader").status == 404
        assert caller.ask(method, closed.replace("closed", "shared")).status == 404
    caller.push(indicator(1), path=box, peer="writer")
    assert len(caller.poll(path=box)) == 1


def test_the_ceiling_of_each_collection_holds(caller: Caller) -> None:
    """What is marked or counts as stricter is refused by the collections that are more open."""
    closed = f"/closed/collections/{BULLETINS}/objects/"
    assert caller.push(marked(1, "green"), path=closed)["failure_count"] == 1
    status = caller.push(indicator(2), path=closed)
    assert "not marked" in status["failures"][0]["message"]
    assert caller.push(marked(3, "clear"), path=closed)["success_count"] == 1
    strict = caller.push(marked(4, "amber+strict"))
    assert "TLP:AMBER+STRICT" in strict["failures"][0]["message"]
    granular = [
        {
            "selectors": ["name"],
            "marking_ref": marked(5, "red")["object_marking_refs"][0],
        }
    ]
    part = caller.push(indicator(5, granular_markings=granular))
    assert "TLP:RED" in part["failures"][0]["message"]


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


def test_a_huge_limit_gets_a_page_of_the_server_s(caller: Caller) -> None:
    """A client may ask for any number; it gets what a page may have."""
    caller.push(*[indicator(number) for number in range(1_001)])
    answer = caller.ask("GET", OBJECTS, query=f"limit={10**17}").resource
    assert (len(answer["objects"]), answer["more"]) == (1_000, True)


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
