"""The process beside the emulator: the API's address, the probe's targets, and the metrics' way.

The emulator serves the API under a path or a host name that most programs cannot use; here an
address without either is the API. And it takes plain HTTP for what it is, which the template's
policies deny; what is sent to the AWS APIs through here counts as sent over TLS.
"""

import argparse
import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import boto3
from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .glue import MetricRelay
from .machine import HOST, Machine

logger = logging.getLogger(__name__)

# What API Gateway takes at most, and how long it waits for a function.
BODY_LIMIT = 10 * 1024 * 1024
UNLIMITED = 0
TIMEOUT_SECONDS = 30
RELAY_SECONDS = 1.0
# Of one connection and not of the request (RFC 9110, section 7.6.1), or made anew.
OWN_HEADERS = {
    *("connection", "content-length", "expect", "host", "keep-alive", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
}

type Answer = Callable[[web.Request], Awaitable[web.Response]]


class Door:
    """Passes every request on to the emulator, and its answer back, unchanged."""

    def __init__(self, machine: Machine, session: aiohttp.ClientSession) -> None:
        self._machine = machine
        self._session = session

    async def api(self, request: web.Request) -> web.Response:
        """Answer *request* as the deployed API does."""
        if api_id := self._machine.read_summary().get("api_id"):
            # Under this prefix no path of ours is one that the emulator itself answers.
            return await self._answer(request, f"/_aws/execute-api/{api_id}/$default", {})
        return refusal(503, "Service Unavailable")

    async def aws(self, request: web.Request) -> web.Response:
        """Answer *request* as AWS does, taking it for one that came over TLS.

        A certificate of this machine would be one that nobody's tools trust.
        """
        own = {"Host": request.headers["Host"], "X-Forwarded-Proto": "https"}
        return await self._answer(request, "", own)

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
            return web.Response(
                status=answer.status, headers=passed_on(answer.headers), body=await answer.read()
            )


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


async def relay_metrics(machine: Machine) -> None:
    """Keep CloudWatch's metrics up with the log lines, for as long as this process runs."""
    relay = MetricRelay(boto3.client("logs"), boto3.client("cloudwatch"))
    while True:
        await asyncio.sleep(RELAY_SECONDS)
        if machine.read_summary():
            try:
                await asyncio.to_thread(relay.run_once)
            except (BotoCoreError, ClientError):
                logger.exception("metrics not relayed")


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept a probe's connection and close it: the handshake is all that is measured."""
    writer.close()


async def serve(machine: Machine) -> None:
    """Listen on every port of *machine* but the emulator's, and relay the metrics."""
    for port in machine.target_ports:
        await asyncio.start_server(hang_up, HOST, port)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        skip_auto_headers=["Accept", "Accept-Encoding", "Content-Type", "User-Agent"],
        auto_decompress=False,
    ) as session:
        door = Door(machine, session)
        await listen(machine.api_url, door.api, BODY_LIMIT)
        await listen(machine.endpoint_url, door.aws, UNLIMITED)
        await relay_metrics(machine)


async def listen(url: str, answer: Answer, body_limit: int) -> None:
    """Let *answer* have every request that comes to *url*, with a body of *body_limit* bytes."""
    application = web.Application(client_max_size=body_limit)
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, HOST, URL(url).port).start()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(serve(Machine(given.folder, given.port)))


if __name__ == "__main__":
    main()
