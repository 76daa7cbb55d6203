"""A reverse proxy before the emulator; requests and answers pass unchanged."""

import logging
import time

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from . import api_page
from .glue.metric_relay import MetricRelay
from .local_stack import LocalStack
from .recent import Recent

# The message bucket's policy denies a write here that could replace an object; the emulator does
# not know the condition key, so the proxy answers in its place.
WRITTEN_ONCE = ("messages/", "batches/", "quarantine/")

logger = logging.getLogger(__name__)

# Of one connection and not of the request (RFC 9110, section 7.6.1), or made again here.
OWN_HEADERS = {
    *("connection", "content-length", "expect", "host", "keep-alive", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
}


class Proxy:
    """Passes every request on to the emulator, and its answer back, unchanged."""

    def __init__(
        self, stack: LocalStack, session: aiohttp.ClientSession, relay: MetricRelay
    ) -> None:
        self._machine = stack
        self._session = session
        self._relay = relay
        self.recent = Recent()

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer *request* as the deployed API does; beside it is the page to try it on."""
        if request.method == "GET" and (page := api_page.answer(request.path)):
            return page
        api_id = self._machine.read_summary().get("api_id")
        if not api_id:
            return refusal(503, "Service Unavailable")
        started = time.monotonic()
        # Under this prefix no path of the API is one that the emulator itself answers.
        answer = await self._answer(request, f"/_aws/execute-api/{api_id}/$default", {})
        self._relay.request(api_id, answer.status, time.monotonic() - started)
        seen = f"{request.method} {request.path}"
        content = answer.body if isinstance(answer.body, bytes) else b""
        self.recent.see(seen, answer.status, content, int(time.time()))
        return answer

    async def aws(self, request: web.Request) -> web.Response:
        """Answer *request* as AWS does, taking it for one that came over TLS.

        A certificate of this machine would be one that nobody's tools trust.
        """
        if self._may_overwrite(request):
            return web.Response(
                status=403,
                content_type="application/xml",
                text="<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            )
        own = {"Host": request.headers["Host"], "X-Forwarded-Proto": "https"}
        return await self._answer(request, "", own)

    def _may_overwrite(self, request: web.Request) -> bool:
        """Return whether *request* would create an object that is written once, unconditionally."""
        bucket, _, key = request.path.removeprefix("/").partition("/")
        creates = (request.method == "PUT" and request.query.keys() <= {"x-id"}) or (
            request.method == "POST" and "uploadId" in request.query
        )
        return (
            creates
            and key.startswith(WRITTEN_ONCE)
            and bucket == self._machine.read_summary().get("bucket")
            and "If-None-Match" not in request.headers
        )

    async def _answer(self, request: web.Request, prefix: str, own: dict[str, str]) -> web.Response:
        if not (request.raw_path.startswith("/") and is_text(request.headers)):
            return refusal(400, "Bad Request")
        try:
            return await self._forward(request, prefix, own)
        except web.HTTPRequestEntityTooLarge:
            return refusal(413, "Request Entity Too Large")
        except (aiohttp.ClientError, TimeoutError):
            logger.exception("emulator not reached")
            return refusal(503, "Service Unavailable")

    async def _forward(
        self, request: web.Request, prefix: str, own: dict[str, str]
    ) -> web.Response:
        headers = passed_on(request.headers)
        headers.update(own)
        async with self._session.request(
            request.method,
            URL(self._machine.emulator_url + prefix + request.raw_path, encoded=True),
            headers=headers,
            data=await request.read() or None,
            allow_redirects=False,
        ) as answer:
            returned = passed_on(answer.headers)
            if request.method == "HEAD" and "Content-Length" in answer.headers:
                # The length of the body that GET would bring (RFC 9110, section 9.3.2).
                returned["Content-Length"] = answer.headers["Content-Length"]
            return web.Response(status=answer.status, headers=returned, body=await answer.read())


def is_text(headers: CIMultiDictProxy[str]) -> bool:
    """Return whether all *headers* are UTF-8; what is not would be dropped on the way, silently."""
    try:
        "".join(headers.values()).encode()
    except UnicodeEncodeError:
        return False
    return True


def passed_on(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the *headers* that belong to the message, repeated ones included."""
    return CIMultiDict(pair for pair in headers.items() if pair[0].lower() not in OWN_HEADERS)


def refusal(status: int, message: str) -> web.Response:
    """Return an answer in API Gateway's own form."""
    return web.json_response({"message": message}, status=status)
