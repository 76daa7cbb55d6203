"""The OpenAPI document, made from the contracts."""

from typing import Any

from .problems import Kind
from .registry import CONTRACTS


def openapi_document(version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of this API."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Weir", "version": version},
        "paths": {
            f"/messages/{name}": {"post": {"responses": {"202": {"description": "Queued"}}}}
            for name in CONTRACTS
        },
        "components": {"problems": [kind.uri for kind in Kind]},
    }
