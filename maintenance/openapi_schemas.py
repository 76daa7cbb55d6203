"""The JSON Schemas of what Weir answers."""

from typing import Any

from validator.problems import Kind

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_TIME = {"type": "string", "format": "date-time"}
_FAULTS = {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = required | (optional or {})
    return {"type": "object", "required": list(required), "properties": properties}


_RECEIPT = {
    "message_id": {"type": "string", "format": "uuid"},
    "contract": _TEXT,
    "status": {"type": "string", "enum": ["queued"]},
    "received_at": _TIME,
}

SCHEMAS: dict[str, Any] = {
    "Health": _object({"status": {"type": "string", "enum": ["healthy"]}}, {"version": _TEXT}),
    "Receipt": _object(_RECEIPT),
    "StoredReceipt": _object(
        {
            **_RECEIPT,
            "status": {"type": "string", "enum": ["stored"]},
            "key": _TEXT,
            "size_bytes": _COUNT,
            "stored_at": _TIME,
        }
    ),
    "BatchReceipt": _object(
        {
            "queued": _COUNT,
            "refused": _COUNT,
            "results": {"type": "array", "items": {"$ref": "#/components/schemas/BatchResult"}},
        }
    ),
    "BatchResult": _object(
        {"index": _COUNT, "http_status": {"type": "integer"}},
        {**_RECEIPT, "problem": {"$ref": "#/components/schemas/Problem"}},
    ),
    "Problem": _object(
        {
            "type": {"type": "string", "enum": [kind.uri for kind in Kind]},
            "title": _TEXT,
            "status": {"type": "integer", "enum": sorted({kind.status for kind in Kind})},
            "detail": _TEXT,
        },
        {"errors": _FAULTS, "errors_omitted": _COUNT},
    ),
    "Fault": _object({"pointer": _TEXT, "code": _TEXT, "detail": _TEXT}),
}
