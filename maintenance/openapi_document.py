"""The OpenAPI 3.1 document, made from the contracts."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema
from validator.contracts.models import Contract
from validator.contracts.registry import CONTRACTS, UnusableContractError, models_of
from validator.http.request import NDJSON
from validator.problems import Kind

from .openapi_schemas import SCHEMAS

Schema = dict[str, Any]

_HEADER: list[Schema] = [{"token": []}]
_HEADER_OR_BODY: list[Schema] = [*_HEADER, {}]
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key gives the same message_id for 24 hours, and one stored object.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_MESSAGE_ID = {
    "name": "message_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}

_CLIENT = {"name": "client", "in": "path", "required": True, "schema": {"type": "string"}}
_ORIGIN = {
    "name": "WebHook-Request-Origin",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$", "maxLength": 253},
}

_LOCATION = {"Location": "Where the message can be looked up; left out in layout batch."}
_PROBLEM_HEADERS = {
    415: {"Accept": "The media types that are taken.", "Accept-Encoding": "gzip"},
    503: {"Retry-After": "Seconds after which to send the same again."},
}


def refuse_taken_names(contracts: Mapping[str, type[Contract]]) -> None:
    """Raise UnusableContractError if a class is named like one of Weir's own schemas."""
    for model in contracts.values():
        for taken in SCHEMAS.keys() & {each.__name__ for each in models_of(model)}:
            raise UnusableContractError(model, f"Weir's own schema is named {taken}. Rename it.")


def openapi_document(version: str, contracts: Mapping[str, type[Contract]] = CONTRACTS) -> Schema:
    """Return the document of the API at release *version*, with `email` as default contract."""
    refuse_taken_names(contracts)
    schemas, definitions = models_json_schema(
        [(model, "validation") for model in contracts.values()],
        ref_template="#/components/schemas/{model}",
    )
    paths: Schema = {}
    for name, model in contracts.items():
        schema = schemas[model, "validation"]
        paths |= {
            f"/messages/{name}": {"post": _post(name, model, schema), "options": _options(name)},
            f"/messages/{name}/batch": {"post": _post_batch(name, model, schema)},
            f"/messages/{name}/{{message_id}}": {"get": _get_message(name)},
            f"/webhooks/{{client}}/{name}": {"post": _post_webhook(name, model, schema)},
        }
    default = {**paths["/messages/email"]["post"], "operationId": "postDefault"}
    health = _get("getHealth", "Tell that the API is up", "Health")
    document = _get("getOpenapi", "This document")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Weir",
            "version": version,
            "description": "Takes messages, stores each exactly once and tells where it lies.",
        },
        "paths": {
            "/": {
                "get": {**health, "operationId": "getRoot"},
                "post": default,
                "options": _options("default"),
            },
            "/health": {"get": health},
            "/openapi.json": {"get": document},
            "/metrics": {"get": _get_metrics()},
            **paths,
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**definitions["$defs"], **SCHEMAS},
        },
    }


def _post(name: str, model: type[Contract], schema: Schema) -> Schema:
    return {
        "operationId": f"post-{name}",
        "summary": f"Send one {name} message",
        "description": model.__doc__,
        "security": _HEADER_OR_BODY,
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": _body(schema, model.example),
        "responses": {
            "202": _answer("Queued: SQS has the message", "Receipt", headers=_LOCATION),
            **_problems(400, 401, 403, 409, 413, 415, 422, 503),
        },
    }


def _post_batch(name: str, model: type[Contract], schema: Schema) -> Schema:
    body = _body(
        {"type": "array", "items": schema, "minItems": 1, "maxItems": 1000}, [model.example]
    )
    body["content"][NDJSON] = {"schema": {"type": "string"}}
    return {
        "operationId": f"post-{name}-batch",
        "summary": f"Send many {name} messages",
        "description": model.__doc__,
        "security": _HEADER_OR_BODY,
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": body,
        "responses": {
            "202": _answer("Queued: SQS has every message", "BatchReceipt"),
            "207": _answer("Queued in part: see each result", "BatchReceipt"),
            **_problems(400, 401, 403, 409, 413, 415, 422, 503),
        },
    }


def _post_webhook(name: str, model: type[Contract], schema: Schema) -> Schema:
    content = {"application/json": {"schema": schema, "example": model.example}}
    return {
        "operationId": f"post-{name}-webhook",
        "summary": f"Take a signed webhook whose body is one {name} message",
        "description": "Signed by Standard Webhooks, GitHub or Stripe, as the client's entry says:"
        " docs/senders.md. The delivery's id is the idempotency key for four days.",
        "security": [],
        "parameters": [_CLIENT],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "202": _answer("Queued: SQS has the message", "Receipt", headers=_LOCATION),
            **_problems(400, 401, 403, 413, 415, 422, 503),
        },
    }


def _options(name: str) -> Schema:
    headers = {"WebHook-Allowed-Origin": "The sender.", "WebHook-Allowed-Rate": "Any."}
    answer = _answer("CloudEvents may be sent", None, headers=headers)
    del answer["content"]
    return {
        "operationId": f"options-{name}",
        "summary": "Ask whether CloudEvents may be sent: the validation of their web hooks",
        "security": [],
        "parameters": [_ORIGIN],
        "responses": {"200": answer, **_problems(405)},
    }


def _get_message(name: str) -> Schema:
    summary = f"Tell where a {name} message is stored"
    operation = _get(f"get-{name}", summary, "StoredReceipt")
    operation["responses"] |= _problems(401, 403, 404, 503)
    return {**operation, "parameters": [_MESSAGE_ID], "security": _HEADER}


def _get_metrics() -> Schema:
    operation = _get("getMetrics", "Measure the network latency now")
    operation["responses"]["200"]["content"]["text/plain"] = {"schema": {"type": "string"}}
    for status in ("401", "403"):  # API Gateway's own
        operation["responses"][status] = _answer(
            "No token, or none that may read the metrics", None
        )
    return {**operation, "security": _HEADER}


def _get(operation_id: str, summary: str, schema: str | None = None) -> Schema:
    answer = _answer("Done", schema)
    return {
        "operationId": operation_id,
        "summary": summary,
        "security": [],
        "responses": {"200": answer},
    }


def _body(schema: Schema, example: Any) -> Schema:
    envelope = {
        "type": "object",
        "required": ["data"],
        "properties": {
            "token": {"type": "string", "description": "Instead of the Authorization header."},
            "data": schema,
        },
        "additionalProperties": False,
    }
    content = {"application/json": {"schema": envelope, "example": {"data": example}}}
    return {"required": True, "content": content}


def _answer(
    description: str,
    schema: str | None,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Schema:
    reference = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    answer = {"description": description, "content": {media_type: {"schema": reference}}}
    if headers:
        answer["headers"] = {
            name: {
                "description": meaning,
                "required": name != "Location",
                "schema": {"type": "string"},
            }
            for name, meaning in headers.items()
        }
    return answer


def _problems(*statuses: int) -> Schema:
    titles = {
        status: "; ".join(kind.title for kind in Kind if kind.status == status)
        for status in statuses
    }
    return {
        str(status): _answer(
            title, "Problem", "application/problem+json", _PROBLEM_HEADERS.get(status)
        )
        for status, title in titles.items()
    }
