"""The committed OpenAPI documents."""

from maintenance.openapi import downgraded


def test_the_older_document_says_what_3_0_can_say() -> None:
    """API Gateway imports 3.0: no const, no null type, no exclusive numbers."""
    newer = {"const": 1, "anyOf": [{"type": "string"}, {"type": "null"}], "exclusiveMinimum": 0}

    assert downgraded({"schema": newer})["schema"] == {
        "enum": [1],
        "anyOf": [{"type": "string"}],
        "nullable": True,
        "minimum": 0,
        "exclusiveMinimum": True,
    }
