"""Runs a contender as it is deployed and tells the CPU of its process for one request.

A Lambda function runs under Lambda's own runtime, awslambdaric, and takes its events from a
stand-in of Lambda's runtime API; Flask runs under gunicorn and takes them as HTTP. Both come over
loopback from this process, so that each side pays for being called.
"""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from .contenders import Contender, environment
from .packages import FOLDER, PYTHON

ANSWER_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_ms(contender: Contender, event: dict[str, Any], port: int, calls: int) -> float:
    """Return CPU milliseconds a call of *contender*, warm, with AWS at *port*."""
    start = under_gunicorn if contender.style == "wsgi" else under_lambda
    with start(contender, event, port) as (process, call):
        for _ in range(max(20, calls // 10)):
            call()
        before = _cpu_seconds(process.pid)
        for _ in range(calls):
            call()
        return (_cpu_seconds(process.pid) - before) / calls * 1000


type Started = Iterator[tuple[subprocess.Popen[bytes], Callable[[], None]]]


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
def under_lambda(contender: Contender, event: dict[str, Any], port: int) -> Started:
    """Start *contender* under Lambda's runtime; yield it and what has it answer *event* once."""
    with RuntimeApi() as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        code = "from awslambdaric.__main__ import main\n"
        code += f"main(['', '{contender.module}.lambda_handler'])"
        env = environment(contender, port)
        env["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{api.server_port}"
        with _python(contender, code, env) as process:

            def call() -> None:
                api.events.put(json.dumps(event).encode())
                answer = json.loads(api.answers.get(timeout=ANSWER_SECONDS))
                assert answer.get("statusCode") == 202, answer

            yield process, call
        api.shutdown()


@contextlib.contextmanager
def under_gunicorn(contender: Contender, event: dict[str, Any], port: int) -> Started:
    """Start *contender* under gunicorn; yield it and what sends it *event* once as HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(server.fileno(), True)
        host, listening = server.getsockname()
        code = f"import sys; sys.argv = ['gunicorn', '{contender.module}:app']\n"
        code += "from gunicorn.app.wsgiapp import run\nrun()"
        bind = f"--bind=fd://{server.fileno()} --no-control-socket"
        env = environment(contender, port) | {"GUNICORN_CMD_ARGS": bind}
        with _python(contender, code, env, server.fileno()) as process:

            def call() -> None:
                connection = http.client.HTTPConnection(host, listening, timeout=ANSWER_SECONDS)
                connection.request("POST", event["rawPath"], event["body"], event["headers"])
                response = connection.getresponse()
                response.read()
                assert response.status == 202, response.status

            yield process, call


@contextlib.contextmanager
def _python(
    contender: Contender, code: str, env: dict[str, str], *descriptors: int
) -> Iterator[subprocess.Popen[bytes]]:
    paths = [str(contender.package), str(FOLDER / "runtime")]
    command = [PYTHON, "-I", "-B", "-c", f"import sys; sys.path[:0] = {paths}\n{code}"]
    with subprocess.Popen(
        command, env=env, pass_fds=descriptors, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _cpu_seconds(pid: int) -> float:
    """Return the CPU, user and system, of a process and of its children, gunicorn's workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    seconds = 0.0
    for each in [pid, *children]:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds
