"""The context of a message: what is kept beside it, as one SQS attribute of ASCII JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any

MAX_CONTEXT_BYTES = 1024
# https://www.w3.org/TR/trace-context/#traceparent-header; only a later version may be longer.
_PARENT = re.compile(
    "(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    "(-[0-9A-Za-z._-]{0,64})?"
)


def trace_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the trace that *headers* continue, without what is not valid."""
    parent, state = (headers.get(name, "") for name in ("traceparent", "tracestate"))
    if not _PARENT.fullmatch(parent):
        return {}
    is_valid = re.fullmatch("[!-~][ -~]{0,511}", state)
    return {"traceparent": parent, **({"tracestate": state} if is_valid else {})}


def context_text(context: Mapping[str, Any]) -> str:
    """Return *context* as text, empty for none; leave out a tracestate that does not fit."""
    # The signature of a request to S3 takes two blanks of a header for one.
    text = json.dumps(context, separators=(",", ":")).replace("  ", " \\u0020") if context else ""
    if len(text) > MAX_CONTEXT_BYTES and "tracestate" in context:
        return context_text({name: context[name] for name in context if name != "tracestate"})
    return text
