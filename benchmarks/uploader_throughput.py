"""Messages per second of the uploader against the usual sequential batch processor, in one run.

S3 is a stub in a process of its own that answers every PUT after 20 ms, so that what is measured is
the uploader's own limit. Each contender is a process of its own on one CPU, at full speed and,
through a control group, at the CPU share of a smaller memory setting. They take turns, batch by
batch, so that whatever else the machine does meets all of them; a ratio is between two turns of the
same round.

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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
LATENCY_SECONDS = 0.020
FULL_CPU_MB = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
PERIOD_US = 100_000

Upload = Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Options:
    """What one table is made of."""

    port: int
    memory: int
    batch: int
    rounds: int
    threads: list[int]


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
        Settings.thread_count = property(lambda _: threads)  # type: ignore[assignment]
    from uploader.handler import lambda_handler

    return lambda event: lambda_handler(event, Context())


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
        s3.put_object(
            Bucket="weir-messages",
            Key=f"messages/{record.message_id}.json",
            Body=record.body.encode(),
            ContentType="application/json",
        )

    return lambda event: process_partial_response(
        event=event,
        record_handler=store,
        processor=processor,
        context=Context(),  # type: ignore[arg-type]
    )


def work(contender: str, size: int, threads: int | None) -> None:
    """Upload a batch for every line that comes in; print its seconds, CPU seconds and memory."""
    answers = sys.stdout
    sys.stdout = io.StringIO()  # what is logged costs its time, and is not kept
    upload = usual() if contender == "sequential" else weir(threads)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for _ in sys.stdin:
        event = batch_event(size)
        start, cpu_start = time.perf_counter(), time.process_time()
        answer = upload(event)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
        assert answer == {"batchItemFailures": []}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([seconds, cpu, idle, peak]), file=answers, flush=True)


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

        def enter() -> None:
            (group / "cgroup.procs").write_text(str(os.getpid()))

        yield enter
    finally:
        group.rmdir()


class Worker:
    """One contender, ready to upload batch after batch."""

    def __init__(
        self, contender: str, threads: int | None, options: Options, enter: Callable[[], None]
    ) -> None:
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": "benchmark",
            "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{options.port}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(options.memory),
            "MESSAGE_BUCKET_NAME": "weir-messages",
            "MESSAGE_QUEUE_URL": f"http://127.0.0.1:{options.port}/123456789012/messages",
            "STORAGE_LAYOUT": "batch" if contender == "batch" else "message",
            "POWERTOOLS_SERVICE_NAME": "uploader",
            "POWERTOOLS_METRICS_NAMESPACE": "Weir",
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        command = [sys.executable, __file__, "--work", contender, "--batch", str(options.batch)]
        command += ["--threads", str(threads)] if threads else []
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, env=environment, preexec_fn=enter, stdin=pipe, stdout=pipe, text=True
        )
        self.upload()  # opens the connections

    def upload(self) -> list[float]:
        """Upload one batch; return seconds, CPU seconds, idle MB and peak MB."""
        assert self._process.stdin
        assert self._process.stdout
        print(file=self._process.stdin, flush=True)
        measured: list[float] = json.loads(self._process.stdout.readline())
        return measured

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def table(title: str, options: Options, enter: Callable[[], None]) -> None:
    """Let every contender upload in turn and print how each does beside the sequential one."""
    contenders: dict[str, tuple[str, int | None]] = {
        "sequential, usual": ("sequential", None),
        "message layout": ("message", None),
        **{f"message, {count} threads": ("message", count) for count in options.threads},
        "batch layout": ("batch", None),
    }
    workers = {
        name: Worker(contender, threads, options, enter)
        for name, (contender, threads) in contenders.items()
    }
    rounds = [
        {name: worker.upload() for name, worker in workers.items()} for _ in range(options.rounds)
    ]
    for worker in workers.values():
        worker.close()

    print(f"\n{title}, batches of {options.batch}, S3 answers in 20 ms, {options.rounds} rounds")
    print(
        f"{'':24}{'msg/s':>7}{'ms/batch':>10}{'ratio':>8}{'from':>7}{'to':>7}"
        f"{'CPU ms/msg':>12}{'MB':>9}"
    )
    for name in workers:
        seconds = statistics.median(turn[name][0] for turn in rounds)
        ratios = sorted(turn["sequential, usual"][0] / turn[name][0] for turn in rounds)
        cpu = statistics.median(turn[name][1] for turn in rounds) / options.batch * 1000
        memory = f"{rounds[0][name][2]:.0f}>{rounds[-1][name][3]:.0f}"
        print(
            f"{name:24}{options.batch / seconds:7.0f}{seconds * 1000:10.0f}"
            f"{statistics.median(ratios):8.2f}{ratios[0]:7.2f}{ratios[-1]:7.2f}{cpu:12.2f}{memory:>9}"
        )


def one_cpu() -> None:
    """Keep to one CPU."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    """Run the comparison, or the part of it that a child process was started for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="batches measured per contender")
    parser.add_argument("--batch", type=int, default=100, help="messages per batch")
    parser.add_argument("--threads", type=int, nargs="*", default=[], help="counts to try as well")
    parser.add_argument("--memory", type=int, default=512, help="MB that set the smaller share")
    parser.add_argument("--stub", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stub:
        asyncio.run(stub_s3())
    if given.work:
        work(given.work, given.batch, given.threads[0] if given.threads else None)
        return
    command = [sys.executable, __file__, "--stub"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stub:
        assert stub.stdout
        port = int(stub.stdout.readline())
        options = Options(port, FULL_CPU_MB, given.batch, given.rounds, given.threads)
        try:
            table("One full CPU", options, one_cpu)
            share = given.memory / FULL_CPU_MB
            with cpu_share(share) as confine:
                options = replace(options, memory=given.memory)
                table(f"{share:.0%} of a CPU ({given.memory} MB)", options, confine)
        except PermissionError as error:
            print(f"\nA share of a CPU: skipped, no control group can be made here ({error})")
        finally:
            stub.terminate()


if __name__ == "__main__":
    main()
