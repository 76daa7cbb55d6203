"""The process beside the emulator: proxy, dashboard page, the probe's targets, relay of metrics.

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
from yarl import URL

from local.dashboard import dashboard_app

from .glue.metric_relay import MetricRelay
from .local_stack import HOST, LocalStack
from .proxy import Proxy

logger = logging.getLogger(__name__)

# What API Gateway takes at most.
BODY_LIMIT = 10 * 1024 * 1024
UNLIMITED = 0
TIMEOUT_SECONDS = 30  # after which API Gateway gives up
RELAY_SECONDS = 3.0

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def relay_metrics(stack: LocalStack, relay: MetricRelay) -> None:
    """Keep CloudWatch's metrics up, for as long as this process runs."""
    while True:
        await asyncio.sleep(RELAY_SECONDS)
        if stack.read_summary():
            try:
                await asyncio.to_thread(relay.run_once)
            except (BotoCoreError, ClientError):
                logger.exception("metrics not relayed")


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept a probe's connection and close it: the handshake is all that is measured."""
    writer.close()


async def serve(stack: LocalStack) -> None:
    """Listen on every port of *stack* but the emulator's, and relay the metrics."""
    for port in stack.target_ports:
        await asyncio.start_server(hang_up, HOST, port)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        skip_auto_headers=["Accept", "Accept-Encoding", "Content-Type", "User-Agent"],
        auto_decompress=False,
    ) as session:
        relay = MetricRelay(boto3.client)
        proxy = Proxy(stack, session, relay)
        await listen(stack.api_url, all_requests_to(proxy.api, BODY_LIMIT))
        await listen(stack.endpoint_url, all_requests_to(proxy.aws, UNLIMITED))
        await listen(stack.page_url, dashboard_app(boto3.client("cloudwatch"), proxy.recent.told))
        await relay_metrics(stack, relay)


def all_requests_to(answer: Answer, body_limit: int) -> web.Application:
    """Return an application of which *answer* has every request, bodies up to *body_limit*."""
    application = web.Application(client_max_size=body_limit)
    application.router.add_route("*", "/{path:(?s:.*)}", answer)
    return application


async def listen(url: str, application: web.Application) -> None:
    """Let *application* answer at *url*."""
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
    asyncio.run(serve(LocalStack(given.folder, given.port)))


if __name__ == "__main__":
    main()
