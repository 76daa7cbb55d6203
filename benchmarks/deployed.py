"""Runs a contender as it is deployed and tells what one request costs its process.

A Lambda function runs under Lambda's own runtime, awslambdaric, and takes its events from a
stand-in of Lambda's runtime API; Flask runs under gunicorn and takes them as HTTP. Both come over
loopback from this process, so that each side pays for being called.
"""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from .contenders import Contender, environment
from .packages import FOLDER, PYTHON

ANSWER_SECONDS = 300  # valgrind takes most of a minute to import boto3
TICKS = os.sysconf("SC_CLK_TCK")
QUIET: Any = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def cpu_ms(contender: Contender, event: dict[str, Any], port: int, calls: int) -> float:
    """Return CPU milliseconds a call of *contender*, warm, with AWS at *port*."""
    with _started(contender, event, port) as (process, call):
        _repeat(call, max(20, calls // 10))
        before = _cpu_seconds(process.pid)
        _repeat(call, calls)
        return (_cpu_seconds(process.pid) - before) / calls * 1000


def million_instructions(
    contender: Contender, event: dict[str, Any], port: int, calls: int
) -> float:
    """Return the instructions of a call of *contender*, as valgrind counts them: almost no noise.

    The kernel's are not among them.
    """
    with tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--trace-children=yes"]
        valgrind.append(f"--callgrind-out-file={folder}/%p")
        with _started(contender, event, port, valgrind) as (process, call):
            _repeat(call, 20)
            pids = [str(pid) for pid in _family(process.pid)]
            subprocess.run(["callgrind_control", "--instr=on", *pids], **QUIET)
            _repeat(call, calls)
            subprocess.run(["callgrind_control", "--dump", *pids], **QUIET)
        dumps = [path.read_text() for path in Path(folder).glob("*.1")]
    totals = [int(total) for dump in dumps for total in re.findall(r"^totals: (\d+)", dump, re.M)]
    assert len(totals) == len(pids), "callgrind did not count every process"
    return sum(totals) / calls / 1e6


def _repeat(call: Callable[[], None], times: int) -> None:
    for _ in range(times):
        call()


type Started = Iterator[tuple[subprocess.Popen[bytes], Callable[[], None]]]


def _started(
    contender: Contender, event: dict[str, Any], port: int, under: Sequence[str] = ()
) -> contextlib.AbstractContextManager[tuple[subprocess.Popen[bytes], Callable[[], None]]]:
    start = under_gunicorn if contender.style == "wsgi" else under_lambda
    return start(contender, event, port, under)


class RuntimeApi(ThreadingHTTPServer):
    """A stand-in of what Lambda's runtime asks for events and gives its answers to."""

    daemon_threads = True

    def __init__(self) -> None:
        self.events: Queue[bytes] = Queue()
        self.answers: Queue[bytes] = Queue()
        super().__init__(("127.0.0.1", 0), RuntimeApiHandler)

    def handle_error(self, *_: Any) -> None:
        """Say nothing of the connection that a function leaves when it is ended."""


class RuntimeApiHandler(BaseHTTPRequestHandler):
    """Serves the runtime's two calls."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one packet, else Nagle's algorithm holds its second one back
    server: RuntimeApi

    def do_GET(self) -> None:
        """Give the next event."""
        event = self.server.events.get()
        self.send_response(200)
        for name, value in {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + ANSWER_SECONDS) * 1000)),
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
    contender: Contender, event: dict[str, Any], port: int, under: Sequence[str]
) -> Started:
    """Start *contender* under Lambda's runtime; yield it and what has it answer *event* once."""
    with RuntimeApi() as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        code = "from awslambdaric.__main__ import main\n"
        code += f"main(['', '{contender.module}.lambda_handler'])"
        env = environment(contender, port)
        env["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{api.server_port}"
        with _python(contender, code, env, under) as process:

            def call() -> None:
                api.events.put(json.dumps(event).encode())
                answer = json.loads(api.answers.get(timeout=ANSWER_SECONDS))
                assert answer.get("statusCode") == 202, answer

            yield process, call
        api.shutdown()


@contextlib.contextmanager
def under_gunicorn(
    contender: Contender, event: dict[str, Any], port: int, under: Sequence[str]
) -> Started:
    """Start *contender* under gunicorn; yield it and what sends it *event* once as HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(server.fileno(), True)
        host, listening = server.getsockname()
        code = f"import sys; sys.argv = ['gunicorn', '{contender.module}:app']\n"
        code += "from gunicorn.app.wsgiapp import run\nrun()"
        bind = f"--bind=fd://{server.fileno()} --no-control-socket"
        env = environment(contender, port) | {"GUNICORN_CMD_ARGS": bind}
        with _python(contender, code, env, under, server.fileno()) as process:

            def call() -> None:
                connection = http.client.HTTPConnection(host, listening, timeout=ANSWER_SECONDS)
                connection.request("POST", event["rawPath"], event["body"], event["headers"])
                response = connection.getresponse()
                response.read()
                assert response.status == 202, response.status

            yield process, call


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


def _family(pid: int) -> list[int]:
    """Return a process and its children, gunicorn's workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _cpu_seconds(pid: int) -> float:
    """Return the CPU, user and system, of a process and of its children."""
    seconds = 0.0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds
