"""The decision service's OpenAPI 3.1 document, from the very forms that it reads.

The document is published with the package as ``guard/schemas/decision-service-1.openapi.json``; a
test generates it again and compares. After a change of the forms::

    python -c "from cautery.guard.deciding_service.openapi import *; \
OPENAPI_FILE.write_text(openapi_text())"
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.guard.deciding_service.callers import CALLER_HEADER
from cautery.guard.deciding_service.gateway_dialects import ENVOY, FORWARD, NGINX, GatewayDialect
from cautery.guard.deciding_service.guardrail_forms import (
    GUARDRAIL_PATH,
    GuardrailAnswer,
    GuardrailKey,
    GuardrailQuestion,
)
from cautery.guard.deciding_service.question_forms import DecideQuestion, SettleQuestion
from cautery.guard.deciding_service.settings import TAG_HEADER
from cautery.guard.decision_schema import decision_schema
from cautery.guard.proxying.request_head import METHODS
from cautery.guard.request_paths import MOST_CHARACTERS
from cautery.record_schemas import docstrings_of, schema_lines
from cautery.records.decision import ACTIONS

OPENAPI_PATH: Final = "/openapi.json"
"""Where the service shows it."""
OPENAPI_FILE: Final = Path(__file__).parents[1] / "schemas" / "decision-service-1.openapi.json"
"""The published document."""

_FORMS: Final = (DecideQuestion, SettleQuestion, GuardrailQuestion, GuardrailKey, GuardrailAnswer)
_COMPONENTS: Final = "#/components/schemas/"
_ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The body of every refusal: both families of client libraries read it.",
    "properties": {
        "type": {"const": "error"},
        "error": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "message": {"type": "string"},
                "code": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "decision_id": {"type": "string"},
                "help_url": {"type": "string"},
            },
            "required": ["type", "message", "code", "param"],
        },
        "request_id": {"type": "string"},
    },
    "required": ["type", "error", "request_id"],
}
_METHOD: Final = {"enum": sorted(METHODS), "description": "The client's method."}
_TARGET: Final = {
    "type": "string",
    "pattern": "^/",
    "maxLength": MOST_CHARACTERS,
    "description": "The client's path and query.",
}
_PASSES: Final = (
    ("x-cautery-decision-id", "Opaque identifier of the decision.", {"type": "string"}),
    ("x-cautery-request-id", "The request, for `/v1/settle`.", {"type": "string"}),
    ("x-cautery-action", "What is done.", {"enum": list(ACTIONS[:3])}),
    ("x-cautery-degradations", "What the answer must leave out.", {"type": "string"}),
    (TAG_HEADER, "Watermark key of the answer, empty for the epoch's own.", {"type": "string"}),
)


def openapi_document() -> dict[str, Any]:
    """Generate the document.

    Returns:
        OpenAPI 3.1, as plain values.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cautery decision service",
            "version": "1",
            "description": "Asks the guard what is to be done with a request to a served model.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {"schemas": _schemas(), "securitySchemes": _proofs()},
    }


def _paths() -> dict[str, Any]:
    any_secret: list[dict[str, list[str]]] = [{"caller": []}, {"bearer": []}]
    return {
        "/v1/decide": {
            "post": _asked("decide", "Decide on a request.", "DecideQuestion", _json("Decision"))
        },
        "/v1/settle": {
            "post": _asked(
                "settle",
                "Say what a request turned out to cost.",
                "SettleQuestion",
                {"204": {"description": "Taken."}},
            )
        },
        GUARDRAIL_PATH: {
            "post": _asked(
                "guardrail",
                "LiteLLM's generic guardrail.",
                "GuardrailQuestion",
                _json("GuardrailAnswer"),
            )
        },
        NGINX.path: {"get": _check(NGINX, "nginx: `auth_request`.")},
        FORWARD.path: {"get": _check(FORWARD, "Traefik: ForwardAuth; Caddy: forward_auth.")},
        f"{ENVOY.path}/{{path}}": {
            "get": _check(ENVOY, "Envoy: ext_authz over HTTP; slashes in the path stay."),
        },
        OPENAPI_PATH: {
            "get": {
                "operationId": "openapi",
                "summary": "This document.",
                "security": any_secret,
                "responses": {
                    "200": {
                        "description": "This document.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    **_refusals("401"),
                },
            }
        },
    }


def openapi_text() -> str:
    """Write the document as it is published.

    Returns:
        Indented JSON, with a line feed at the end.
    """
    return schema_lines(openapi_document())


@lru_cache(maxsize=1)
def openapi_json() -> bytes:
    """Write the document as it is served.

    Returns:
        JSON.
    """
    return msgspec.json.encode(openapi_document())


def _proofs() -> dict[str, Any]:
    name = CALLER_HEADER.decode()
    return {
        "caller": {
            "type": "apiKey",
            "in": "header",
            "name": name,
            "description": "The shared secret; a certificate of TLS stands for it.",
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The same secret, where no client's credential is in its place.",
        },
    }


def _asked(operation: str, summary: str, form: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "security": [{"caller": []}, {"bearer": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _COMPONENTS + form}}},
        },
        "responses": {
            **answers,
            **_refusals("400", "401", "408", "413", "415", "422", "431", "503"),
        },
    }


def _check(dialect: GatewayDialect, summary: str) -> dict[str, Any]:
    told = {dialect.method_header.decode(): _METHOD, dialect.target_header.decode(): _TARGET}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "header", "required": True, "schema": schema}
        for name, schema in told.items()
    ]
    if dialect is ENVOY:
        path = {"name": "path", "in": "path", "required": True, "schema": {"type": "string"}}
        parameters = [path]
    for name in (dialect.address_header.decode(), "user-agent", "x-api-key", "dpop"):
        parameters.append({"name": name, "in": "header", "schema": {"type": "string"}})
    passed = {
        name: {"description": text, "required": True, "schema": schema}
        for name, text, schema in _PASSES
    }
    codes: tuple[str, ...] = ("401", "403")
    if dialect is not NGINX:
        codes = ("400", *codes, "404", "405", "408", "413", "415", "429", "431", "503")
    return {
        "operationId": f"check-{dialect.name}",
        "summary": summary,
        "description": "The credential is the client's: `authorization` or `x-api-key`.",
        "security": [{"caller": []}],
        "parameters": parameters,
        "responses": {
            "200": {"description": "The request may pass.", "headers": passed},
            **_refusals(*codes),
        },
    }


def _json(name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _COMPONENTS + name}}}
    return {"200": {"description": "The answer.", "content": content}}


def _refusals(*codes: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"{_COMPONENTS}Error"}}}
    return {code: {"description": "Refused.", "content": content} for code in codes}


def _schemas() -> dict[str, Any]:
    _, forms = msgspec.json.schema_components(_FORMS, ref_template=_COMPONENTS + "{name}")
    for form in _FORMS:
        texts = docstrings_of(form.__module__)
        schema = forms[form.__name__]
        schema["description"] = texts[form.__name__, ""]
        for name, field in schema["properties"].items():
            field["description"] = texts[form.__name__, name]
    decision = decision_schema()
    below = decision.pop("$defs")
    for name in ("$schema", "$id"):
        del decision[name]
    shared = json.loads(
        json.dumps({"Decision": decision, **below}).replace("#/$defs/", _COMPONENTS)
    )
    return dict(sorted({**forms, **shared, "Error": _ERROR}.items()))
