"""Execution environments of the uploader, as processes that can be killed.

Reads the paths of two named pipes a line, forks, and lets the child serve them: an event a line
from the first, the handler's answer as a line to the second. The libraries are loaded before, so
that starting the function anew fifty times takes seconds.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import boto3


class Context:
    """What Lambda tells about one invocation with a timeout of thirty seconds."""

    function_name = "uploader"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:uploader"
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def __init__(self, seconds: float = 30.0) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        return int((self._end - time.monotonic()) * 1000)


def serve(events_path: str, answers_path: str) -> None:
    """Answer one event after the other until there are no more."""
    from uploader.handler import lambda_handler

    with Path(events_path).open() as events, Path(answers_path).open("w") as answers:
        print(os.getpid(), file=answers, flush=True)
        for line in events:
            answer = lambda_handler(json.loads(line), Context())
            print(json.dumps(answer), file=answers, flush=True)


def main() -> None:
    """Fork an environment for every line of standard input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    boto3.client("s3")
    boto3.client("sqs")
    for line in sys.stdin:
        if os.fork() == 0:
            serve(*line.split())
            os._exit(0)


if __name__ == "__main__":
    main()
