"""The endpoints of TAXII 2.1: what each answers, to whom, and how it refuses."""

from __future__ import annotations

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


def test_a_huge_limit_gets_a_page_of_the_server_s(caller: Caller) -> None:
    """A client may ask for any number; it gets what a page may have."""
    caller.push(*[indicator(number) for number in range(1_001)])
    answer = caller.ask("GET", OBJECTS, query=f"limit={10**17}").resource
    assert (len(answer["objects"]), answer["more"]) == (1_000, True)
