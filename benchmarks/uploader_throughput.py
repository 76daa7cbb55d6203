"""Messages per second of the uploader against the usual sequential batch processor, in one run.

S3 is a stub in a process of its own that answers every PUT after 20 ms, so that what is measured is
the uploader's own limit. Each contender runs in a fresh process, on one CPU, at full speed and,
through a control group, at the CPU share of a smaller memory setting.

    python benchmarks/uploader_throughput.py [--rounds N] [--batch N] [--threads N ...]
"""

import argparse
import asyncio
import contextlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
LATENCY_SECONDS = 0.020
FULL_CPU_MB = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
PERIOD_US = 100_000

Upload = Callable[[dict[str, Any]], dict[str, Any]]


class Context:
    """What Lambda tells about one invocation."""

    function_name = "uploader"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:uploader"
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of a timeout of a minute."""
        return 60_000


async def stub_s3() -> None:
    """Answer every PUT after the latency, and print the port it listens on."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                if b"expect: 100-continue" in head:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                length = head.split(b"content-length:")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                await asyncio.sleep(LATENCY_SECONDS)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**22)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def batch_event(size: int) -> dict[str, Any]:
    """Return an SQS event of *size* messages of 1 kB that were never sent before."""
    body = json.dumps({"email_subject": "benchmark", "email_content": "x" * 950})
    records = []
    for _ in range(size):
        random = uuid.uuid4().int & ~(0xF << 76) & ((1 << 80) - 1)
        message_id = str(uuid.UUID(int=(time.time_ns() // 1_000_000 << 80) | (7 << 76) | random))
        attributes = {
            "message_id": message_id,
            "contract": "email",
            "client": "benchmark",
            "contract_version": "1",
        }
        records.append(
            {
                "messageId": str(uuid.uuid4()),
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1768472430164"},
                "messageAttributes": {
                    name: {"stringValue": value, "dataType": "String"}
                    for name, value in attributes.items()
                },
                "eventSource": "aws:sqs",
            }
        )
    return {"Records": records}


def weir(threads: int | None) -> Upload:
    """Return this repository's handler, with *threads* instead of its own choice if given."""
    sys.path.insert(0, str(REPOSITORY / "functions" / "uploader"))
    from uploader.settings import Settings

    if threads:
        Settings.thread_count = property(lambda _: threads)  # type: ignore[assignment,method-assign]
    from uploader.handler import lambda_handler

    return lambda event: lambda_handler(event, Context())  # type: ignore[arg-type]


def usual() -> Upload:
    """Return what is usually written: Powertools' batch processor, one PUT after the other."""
    import boto3
    from aws_lambda_powertools.utilities.batch import (
        BatchProcessor,
        EventType,
        process_partial_response,
    )
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    processor = BatchProcessor(event_type=EventType.SQS)
    s3 = boto3.client("s3")

    def store(record: SQSRecord) -> None:
        attributes = record.message_attributes
        s3.put_object(
            Bucket="weir-messages",
            Key=f"messages/{attributes['message_id'].string_value}.json",
            Body=record.body.encode(),
            ContentType="application/json",
        )

    return lambda event: process_partial_response(
        event=event,
        record_handler=store,
        processor=processor,
        context=Context(),  # type: ignore[arg-type]
    )


def work(contender: str, size: int, rounds: int, threads: int | None) -> dict[str, Any]:
    """Upload *rounds* batches; return the seconds and CPU seconds of each, and memory in MB."""
    upload = usual() if contender == "sequential" else weir(threads)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, cpu = [], []
    for _ in range(rounds + 1):  # the first one opens the connections
        event = batch_event(size)
        start, cpu_start = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            answer = upload(event)
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - cpu_start)
        assert answer == {"batchItemFailures": []}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds[1:], "cpu": cpu[1:], "idle_mb": idle, "peak_mb": peak}


@contextlib.contextmanager
def cpu_share(share: float) -> Iterator[Callable[[], None]]:
    """Make a control group with *share* of one CPU; yield what a child calls to enter it.

    Raises OSError where that is not allowed.
    """
    quota = int(share * PERIOD_US)
    second = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    group = Path("/sys/fs/cgroup" if second else "/sys/fs/cgroup/cpu") / f"weir-{os.getpid()}"
    group.mkdir()
    try:
        if second:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        yield lambda: (group / "cgroup.procs").write_text(str(os.getpid())) and None
    finally:
        group.rmdir()


def run(
    contender: str,
    arguments: argparse.Namespace,
    port: int,
    memory_mb: int,
    enter: Callable[[], None] | None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Run one *contender* in a fresh process; return what ``work`` measured there."""
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "MESSAGE_BUCKET_NAME": "weir-messages",
        "MESSAGE_QUEUE_URL": f"http://127.0.0.1:{port}/123456789012/messages",
        "STORAGE_LAYOUT": "batch" if contender == "batch" else "message",
        "POWERTOOLS_SERVICE_NAME": "uploader",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    command = [sys.executable, __file__, "--work", contender]
    command += ["--rounds", str(arguments.rounds), "--batch", str(arguments.batch)]
    command += ["--threads", str(threads)] if threads else []

    def confine() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        if enter:
            enter()

    done = subprocess.run(  # noqa: PLW1509 - the child has one thread
        command, env=environment, preexec_fn=confine, capture_output=True, text=True, check=True
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def table(
    title: str,
    arguments: argparse.Namespace,
    port: int,
    memory_mb: int,
    enter: Callable[[], None] | None,
) -> None:
    """Run every contender and print how it does beside the sequential one."""
    print(f"\n{title}, batches of {arguments.batch}, S3 answers in 20 ms")
    print(
        f"{'':24}{'msg/s':>8}{'ratio':>8}{'ms/batch':>10}{'spread':>8}{'CPU ms/msg':>12}{'MB':>11}"
    )
    lines: list[tuple[str, str, int | None]] = [
        ("sequential, usual", "sequential", None),
        ("message layout", "message", None),
        *((f"message, {count} threads", "message", count) for count in arguments.threads),
        ("batch layout", "batch", None),
    ]
    base = 0.0
    for name, contender, threads in lines:
        measured = run(contender, arguments, port, memory_mb, enter, threads)
        median = statistics.median(measured["seconds"])
        spread = (max(measured["seconds"]) - min(measured["seconds"])) / median
        cpu = statistics.median(measured["cpu"]) / arguments.batch * 1000
        base = base or median
        memory = f"{measured['idle_mb']:.0f}>{measured['peak_mb']:.0f}"
        print(
            f"{name:24}{arguments.batch / median:8.0f}{base / median:8.2f}{median * 1000:10.0f}"
            f"{spread:8.0%}{cpu:12.2f}{memory:>11}"
        )


def main() -> None:
    """Run the comparison, or the part of it that a child process was started for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="batches measured per contender")
    parser.add_argument("--batch", type=int, default=100, help="messages per batch")
    parser.add_argument("--threads", type=int, nargs="*", default=[], help="counts to try as well")
    parser.add_argument("--memory", type=int, default=512, help="MB that set the smaller share")
    parser.add_argument("--stub", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stub:
        asyncio.run(stub_s3())
    if arguments.work:
        threads = arguments.threads[0] if arguments.threads else None
        print(json.dumps(work(arguments.work, arguments.batch, arguments.rounds, threads)))
        return
    with subprocess.Popen(
        [sys.executable, __file__, "--stub"], stdout=subprocess.PIPE, text=True
    ) as stub:
        try:
            assert stub.stdout is not None
            port = int(stub.stdout.readline())
            table("One full CPU", arguments, port, FULL_CPU_MB, None)
            share = arguments.memory / FULL_CPU_MB
            try:
                with cpu_share(share) as enter:
                    title = f"{share:.0%} of a CPU ({arguments.memory} MB)"
                    table(title, arguments, port, arguments.memory, enter)
            except OSError as error:
                print(f"\n{share:.0%} of a CPU: skipped, no control group here ({error})")
        finally:
            stub.terminate()


if __name__ == "__main__":
    main()
