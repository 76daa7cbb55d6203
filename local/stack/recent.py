"""The newest requests to the API, as the proxy saw them pass: what was taken, what was refused."""

import json
from collections import deque
from typing import Any

NUMBER = 20
# An answer to a batch of the largest size is smaller.
LONGEST = 1024 * 1024


class Recent:
    """Keeps the newest receipts and refusals while this process runs; nothing that was sent."""

    def __init__(self) -> None:
        self._messages: deque[dict[str, Any]] = deque(maxlen=NUMBER)
        self._refusals: deque[dict[str, Any]] = deque(maxlen=NUMBER)

    def see(self, request: str, status: int, body: bytes, second: int) -> None:
        """Keep what the answer to a *request* (method and path) says."""
        if status < 202 or len(body) > LONGEST or not body:
            return
        try:
            answer = json.loads(body)
            results = answer.get("results", [answer])
            for one in results:
                self._keep(one, request, one.get("status", status), second)
        except (ValueError, AttributeError, TypeError):
            self._refuse(request, status, "", second)

    def _keep(self, one: dict[str, Any], request: str, status: Any, second: int) -> None:
        if status == "queued":
            names = ("message_id", "contract", "received_at")
            self._messages.appendleft({name: str(one[name]) for name in names if name in one})
        elif isinstance(status, int) and status >= 400:
            reason = one.get("detail") or one.get("title") or one.get("message") or ""
            faults = [fault.get("pointer", "") for fault in one.get("errors", [])]
            self._refuse(request, status, f"{reason} {' '.join(faults)}".strip(), second)

    def _refuse(self, request: str, status: int, reason: str, second: int) -> None:
        self._refusals.appendleft(
            {"time": second, "request": request[:200], "status": status, "reason": reason[:300]}
        )

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """Return both, the newest first."""
        return {"messages": list(self._messages), "refusals": list(self._refusals)}
