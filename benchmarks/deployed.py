"""Runs a contender as it is deployed and says what one request costs its process.

A Lambda function runs under Lambda's own runtime, awslambdaric, and takes its events from a
stand-in of Lambda's runtime API; Flask runs under gunicorn and takes them as HTTP. Both come over
loopback from this process, so that each side pays for being called.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from .contenders import Contender, StubAws, environment
from .packages import FOLDER, PYTHON

ANSWER_SECONDS = 300  # valgrind takes most of a minute to import boto3
IDLE_SECONDS = 0.2
QUIET: Any = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
CALLGRIND = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--trace-children=yes"]
# Keeps to one CPU. SIGUSR1 lets an hour pass, for the clock and for the cache of Powertools, which
# has no clock to set.
PREAMBLE = """
import os, signal, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
passed, clock = [0], time.time
time.time = lambda: clock() + passed[0]
def let_time_pass(*_):
    passed[0] += 3600
    if parameters := sys.modules.get("aws_lambda_powertools.utilities.parameters.base"):
        for provider in parameters.DEFAULT_PROVIDERS.values():
            provider.clear_cache()
signal.signal(signal.SIGUSR1, let_time_pass)
"""


@dataclass(frozen=True)
class Deployed:
    """A contender that is running and ready: its process, and what has it answer the event once."""

    pid: int
    call: Callable[[], None]
    init_seconds: float
    can_let_time_pass: bool = True

    def repeat(self, times: int) -> None:
        """Have it answer *times* times."""
        for _ in range(times):
            self.call()

    def let_time_pass(self) -> None:
        """Let what it has cached expire."""
        if self.can_let_time_pass:
            os.kill(self.pid, signal.SIGUSR1)

    def family(self) -> list[int]:
        """Return the process and its children, gunicorn's workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def cpu_ms(self) -> float:
        """Return the CPU milliseconds, user and system, that it has used since it was started."""
        # Linux's clock of another process, as clock_getcpuclockid makes its number.
        return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in self.family()) / 1e6


def cpu_ms(contender: Contender, event: dict[str, Any], stub: StubAws, calls: int) -> float:
    """Return CPU milliseconds a call of *contender*, warm."""
    with started(contender, event, stub) as running:
        running.repeat(max(20, calls // 10))
        before = running.cpu_ms()
        running.repeat(calls)
        return (running.cpu_ms() - before) / calls


class Callgrind:
    """Counts the instructions of what is started under it; the kernel's are not among them."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self.command = [*CALLGRIND, f"--callgrind-out-file={folder}/%p"]

    def start(self, running: Deployed) -> None:
        """Begin to count."""
        pids = [str(pid) for pid in running.family()]
        subprocess.run(["callgrind_control", "--instr=on", *pids], **QUIET)

    def millions(self, running: Deployed) -> float:
        """Return the million instructions since the start."""
        pids = [str(pid) for pid in running.family()]
        subprocess.run(["callgrind_control", "--dump", *pids], **QUIET)
        dumps = [path.read_text() for path in self._folder.glob("*.*")]
        totals = [re.findall(r"^totals: (\d+)", dump, re.M) for dump in dumps]
        assert len(totals) >= len(pids), "callgrind did not count every process"
        return sum(int(total) for found in totals for total in found) / 1e6


def million_instructions(
    contender: Contender, event: dict[str, Any], stub: StubAws, calls: int
) -> float:
    """Return the million instructions of a call of *contender*, warm."""
    with tempfile.TemporaryDirectory() as folder:
        callgrind = Callgrind(folder)
        with started(contender, event, stub, callgrind.command) as running:
            running.repeat(20)
            callgrind.start(running)
            running.repeat(calls)
            return callgrind.millions(running) / calls


def started(
    contender: Contender, event: dict[str, Any], stub: StubAws, under: Sequence[str] = ()
) -> contextlib.AbstractContextManager[Deployed]:
    """Start *contender* as it is deployed, under the command *under* if one is given."""
    start = under_gunicorn if contender.style == "wsgi" else under_lambda
    return start(contender, event, stub, under)


class RuntimeApi(ThreadingHTTPServer):
    """A stand-in of what Lambda's runtime asks for events and gives its answers to."""

    daemon_threads = True

    def __init__(self) -> None:
        self.events: Queue[bytes] = Queue()
        self.answers: Queue[bytes] = Queue()
        self.ready = threading.Event()
        super().__init__(("127.0.0.1", 0), RuntimeApiHandler)

    def handle_error(self, *_: Any) -> None:
        """Say nothing of the connection that a function leaves when it is ended."""


class RuntimeApiHandler(BaseHTTPRequestHandler):
    """Serves the runtime's two calls."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one packet, else Nagle's algorithm holds its second one back
    server: RuntimeApi

    def do_GET(self) -> None:
        """Give the next event; the first question for one says that the function is ready."""
        self.server.ready.set()
        event = self.server.events.get()
        self.send_response(200)
        for name, value in {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc",
            # Far off, since the function's clock may be an hour ahead.
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 7200) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:1:function:f",
            "Lambda-Runtime-Trace-Id": "Root=1-6968bf6e-f9928028a612320088a512d1;Sampled=0",
        }.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        """Take an answer, or an error."""
        self.server.answers.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


@contextlib.contextmanager
def under_lambda(
    contender: Contender, event: dict[str, Any], stub: StubAws, under: Sequence[str]
) -> Iterator[Deployed]:
    """Start *contender* under Lambda's runtime."""
    with RuntimeApi() as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        code = PREAMBLE + "from awslambdaric.__main__ import main\n"
        code += f"main(['', '{contender.module}.lambda_handler'])"
        env = environment(contender, stub)
        env["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{api.server_port}"
        start = time.perf_counter()
        with _python(contender, code, env, under) as process:
            assert api.ready.wait(ANSWER_SECONDS)
            init_seconds = time.perf_counter() - start

            def call() -> None:
                api.events.put(json.dumps(event).encode())
                answer = json.loads(api.answers.get(timeout=ANSWER_SECONDS))
                assert answer.get("statusCode") == 202 or answer == {"batchItemFailures": []}, (
                    answer
                )

            yield Deployed(process.pid, call, init_seconds)
        api.shutdown()


@contextlib.contextmanager
def under_gunicorn(
    contender: Contender, event: dict[str, Any], stub: StubAws, under: Sequence[str]
) -> Iterator[Deployed]:
    """Start *contender* under gunicorn, which takes the event as HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(server.fileno(), True)
        host, listening = server.getsockname()
        code = f"import sys; sys.argv = ['gunicorn', '{contender.module}:app']\n"
        code += "from gunicorn.app.wsgiapp import run\nrun()"
        bind = f"--bind=fd://{server.fileno()} --no-control-socket"
        env = environment(contender, stub) | {"GUNICORN_CMD_ARGS": bind}
        start = time.perf_counter()
        with _python(contender, code, env, under, server.fileno()) as process:

            def call() -> None:
                connection = http.client.HTTPConnection(host, listening, timeout=ANSWER_SECONDS)
                connection.request("POST", event["rawPath"], event["body"], event["headers"])
                response = connection.getresponse()
                response.read()
                assert response.status == 202, response.status

            running = Deployed(process.pid, call, 0, can_let_time_pass=False)
            _wait_until_idle(running)
            init_seconds = time.perf_counter() - start - IDLE_SECONDS
            yield Deployed(process.pid, call, init_seconds, can_let_time_pass=False)


def _wait_until_idle(running: Deployed) -> None:
    """Wait until a worker is there and computes nothing more; gunicorn does not say so itself."""
    before = -1.0
    while len(running.family()) < 2 or running.cpu_ms() - before > 1:
        before = running.cpu_ms()
        time.sleep(IDLE_SECONDS)


@contextlib.contextmanager
def _python(
    contender: Contender,
    code: str,
    env: dict[str, str],
    under: Sequence[str],
    *descriptors: int,
) -> Iterator[subprocess.Popen[bytes]]:
    paths = [str(contender.package), str(FOLDER / "runtime")]
    command = [*under, PYTHON, "-I", "-B", "-c", f"import sys; sys.path[:0] = {paths}\n{code}"]
    with subprocess.Popen(
        command, env=env, pass_fds=descriptors, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
