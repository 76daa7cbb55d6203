"""Execution environments of the uploader, as processes that can be killed.

Reads the paths of two named pipes a line, forks, and lets the child serve them: an event a line
from the first, the handler's answer as a line to the second. The libraries are loaded before, so
that starting the function again fifty times takes seconds.
"""

import json
import os
import signal
import sys
from pathlib import Path

import boto3

from tests.support.execution import Context


def serve(events_path: str, answers_path: str) -> None:
    """Answer one event after the other until there are no more."""
    from uploader.handler import lambda_handler

    with Path(events_path).open() as events, Path(answers_path).open("w") as answers:
        print(os.getpid(), file=answers, flush=True)
        for line in events:
            answer = lambda_handler(json.loads(line), Context("uploader", 30))
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
