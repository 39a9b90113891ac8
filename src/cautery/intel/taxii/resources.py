"""The resources of TAXII 2.1 as they are sent (sections 3.7, 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cautery.intel.taxii.configuration_sections import CollectionSection, RootSection
from cautery.intel.taxii.filters import next_of
from cautery.intel.taxii.media_types import STIX, TAXII
from cautery.intel.taxii.storage import Outcome, Page, StoredStatus
from cautery.intel.taxii.timestamps import timestamp_of, version_text


def discovery_resource(
    title: str, description: str, contact: str, urls: Sequence[str]
) -> dict[str, Any]:
    """Make the answer to discovery (section 4.1.1).

    Args:
        title: Name of the server.
        description: What it is for; left out if empty.
        contact: Whom to ask; left out if empty.
        urls: API roots; the first is the default.

    Returns:
        The resource.
    """
    found: dict[str, Any] = {"title": title}
    _add_if_given(found, description=description, contact=contact)
    if urls:
        found |= {"default": urls[0], "api_roots": list(urls)}
    return found


def root_resource(root: RootSection, most_bytes: int) -> dict[str, Any]:
    """Describe an API root (section 4.2.1).

    Args:
        root: The root.
        most_bytes: Of an envelope.

    Returns:
        The resource.
    """
    found: dict[str, Any] = {
        "title": root.title,
        "versions": [TAXII],
        "max_content_length": most_bytes,
    }
    _add_if_given(found, description=root.description)
    return found


def collection_resource(
    collection: CollectionSection, *, can_read: bool, can_write: bool
) -> dict[str, Any]:
    """Describe a collection (section 5.2.1).

    Args:
        collection: The collection.
        can_read: Whether this client may read.
        can_write: Whether this client may push.

    Returns:
        The resource.
    """
    found: dict[str, Any] = {
        "id": collection.id,
        "title": collection.title,
        "can_read": can_read,
        "can_write": can_write,
        "media_types": [STIX],
    }
    _add_if_given(found, description=collection.description, alias=collection.alias or "")
    return found


def envelope_bytes(page: Page) -> bytes:
    """Write an envelope (section 3.7) around objects as they were pushed.

    Args:
        page: The objects.

    Returns:
        JSON in which each object is the bytes that came.
    """
    if not page.objects:
        return b"{}"
    head = b'{"more":false,"objects":['
    if page.more:
        head = b'{"more":true,"next":"%s","objects":[' % next_of(page.objects[-1].added).encode()
    return head + b",".join(one.content for one in page.objects) + b"]}"


def manifest_resource(page: Page) -> dict[str, Any]:
    """Describe objects without their content (section 5.3.1).

    Args:
        page: The objects.

    Returns:
        The resource.
    """
    records = [
        {
            "id": one.object_id,
            "date_added": timestamp_of(one.added),
            "version": version_text(one.version),
            "media_type": STIX,
        }
        for one in page.objects
    ]
    return _paged(page, "objects", records)


def versions_resource(page: Page) -> dict[str, Any]:
    """List the versions of an object (section 5.8.1).

    Args:
        page: The versions.

    Returns:
        The resource.
    """
    return _paged(page, "versions", [version_text(one.version) for one in page.objects])


def status_resource(status: StoredStatus) -> dict[str, Any]:
    """Say what became of an envelope (section 4.3.1).

    Args:
        status: What became of it.

    Returns:
        The resource; it is always complete, as nothing is answered before it is stored.
    """
    failures = [one for one in status.outcomes if one.fault]
    successes = [one for one in status.outcomes if not one.fault]
    found: dict[str, Any] = {
        "id": status.status_id,
        "status": "complete",
        "request_timestamp": timestamp_of(status.requested),
        "total_count": len(status.outcomes),
        "success_count": len(successes),
        "failure_count": len(failures),
        "pending_count": 0,
    }
    if successes:
        found["successes"] = _details(successes)
    if failures:
        found["failures"] = _details(failures)
    return found


def date_headers(page: Page) -> tuple[tuple[str, str], ...]:
    """Say when the first and the last object of a page were added (section 3.3).

    Args:
        page: The page.

    Returns:
        Headers; none if it is empty.
    """
    if not page.objects:
        return ()
    return (
        ("x-taxii-date-added-first", timestamp_of(page.objects[0].added)),
        ("x-taxii-date-added-last", timestamp_of(page.objects[-1].added)),
    )


def _details(outcomes: Iterable[Outcome]) -> list[dict[str, str]]:
    details = []
    for one in outcomes:
        detail = {"id": one.object_id, "version": version_text(one.version)}
        _add_if_given(detail, message=one.fault)
        details.append(detail)
    return details


def _paged(page: Page, name: str, items: list[Any]) -> dict[str, Any]:
    if not items:
        return {}
    found: dict[str, Any] = {"more": page.more}
    if page.more:
        found["next"] = next_of(page.objects[-1].added)
    return {**found, name: items}


def _add_if_given(resource: dict[str, Any], **texts: str) -> None:
    resource.update({name: text for name, text in texts.items() if text})
