"""Make the JSON Schema of the OCSF classes that the guard writes, from a clone of ocsf-schema.

    python make_ocsf.py CLONE 1.6.0 > ocsf-1.6.0-guard.schema.json

Inheritance, profiles, includes and the dictionary are resolved. Objects that the guard does not
write stay open; those that it does allow nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

CLASSES = {"api_activity": "events/application", "detection_finding": "events/findings"}
PARENTS = {"api_activity": "application", "detection_finding": "finding"}
PROFILES = {"security_control"}
CLOSED = {
    "actor", "analytic", "api", "autonomous_system", "evidences", "finding_info", "http_request",
    "location", "metadata", "network_endpoint", "organization", "product", "request", "response",
    "user",
}  # fmt: skip
PLAIN = {
    "boolean_t": "boolean", "integer_t": "integer", "long_t": "integer", "float_t": "number",
    "timestamp_t": "integer", "port_t": "integer",
}  # fmt: skip
WHERE = {
    "application": "events/application/application.json",
    "finding": "events/findings/finding.json",
    "base_event": "events/base_event.json",
}


class Clone:
    """A clone of ocsf-schema at one tag."""

    def __init__(self, folder: str, tag: str) -> None:
        self._folder, self._tag = folder, tag
        self.dictionary = self.read("dictionary.json")
        self.definitions: dict[str, Any] = {}

    def read(self, path: str) -> Any:
        """Read a file of the tag."""
        command = ["git", "-C", self._folder, "show", f"{self._tag}:{path}"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def attributes(self, path: str) -> dict[str, Any]:
        """Resolve what a class or object inherits and includes."""
        own = self.read(path)
        found: dict[str, Any] = {}
        if parent := own.get("extends"):
            found = self.attributes(WHERE.get(parent, f"objects/{parent}.json"))
        for name, value in own["attributes"].items():
            if name == "$include":
                for file in value:
                    self.include(found, file)
            else:
                found[name] = merged(found.get(name, {}), value)
        return found

    def include(self, found: dict[str, Any], file: str) -> None:
        """Take in what a file adds; profiles that the guard does not write are left out."""
        included = self.read(file)
        if included.get("meta") == "profile" and included["name"] not in PROFILES:
            return
        for name, value in included["attributes"].items():
            found[name] = merged(found.get(name, {}), value)

    def schema(self, name: str, attribute: dict[str, Any]) -> dict[str, Any]:
        """Say what an attribute may hold."""
        known = self.dictionary["attributes"][name]
        kind = attribute.get("type", known["type"])
        values = {**known.get("enum", {}), **attribute.get("enum", {})}
        if kind in self.dictionary["types"]["attributes"] or kind == "json_t":
            if kind == "json_t":
                one: dict[str, Any] = {}
            else:
                base = self.dictionary["types"]["attributes"][kind].get("type", kind)
                one = {"type": PLAIN.get(kind, PLAIN.get(base, "string"))}
            if values and one.get("type") == "integer":
                one["enum"] = sorted(int(value) for value in values)
        else:
            one = self.reference(attribute.get("object_type", known.get("object_type", kind)))
        return {"type": "array", "items": one} if known.get("is_array") else one

    def reference(self, name: str) -> dict[str, Any]:
        """Refer to an object, and define it."""
        if name not in CLOSED:
            return {"type": "object"}
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.closed(self.attributes(f"objects/{name}.json"))
        return {"$ref": f"#/$defs/{name}"}

    def closed(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Allow these attributes and no others."""
        return {
            "type": "object",
            "additionalProperties": False,
            "required": sorted(
                n for n, a in attributes.items() if a.get("requirement") == "required"
            ),
            "properties": {n: self.schema(n, a) for n, a in sorted(attributes.items())},
        }


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Join what two places say of an attribute."""
    both = {**old, **new}
    if "enum" in old and "enum" in new:
        both["enum"] = {**old["enum"], **new["enum"]}
    return both


def main() -> None:
    """Print the schema."""
    clone = Clone(sys.argv[1], sys.argv[2])
    classes = {}
    for name, folder in CLASSES.items():
        found = clone.closed(clone.attributes(f"{folder}/{name}.json"))
        own, base = clone.read(f"{folder}/{name}.json"), clone.read(WHERE[PARENTS[name]])
        category = clone.read("categories.json")["attributes"][base["category"]]["uid"]
        found["properties"]["category_uid"] = {"const": category}
        found["properties"]["class_uid"] = {"const": 1000 * category + own["uid"]}
        classes[name] = found
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"OCSF {sys.argv[2]} (github.com/ocsf/ocsf-schema, Apache-2.0)",
        "$defs": {**clone.definitions, **classes},
    }
    sys.stdout.write(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
