"""`make query` on the one-machine stack: what was sent is read back, both layouts, each once."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from operations.project import ROOT

COUNT = 2_000
CONTRACTS = ("email", "any-object", "timestamped", "four-fields")
HOSTILE = ['"quoted" \\', "\u2028\u202e", "\r\n\t\x00", "'; DROP TABLE email; --", "🦫 é", ""]
INTEGER = "123456789012345678901234567890"
DECIMAL = "12345678901234567890.1234567890123456789"


type Query = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def query(one_machine: dict[str, str], tmp_path: Path) -> Query:
    """Return a function that asks the stack as its user does."""
    (tmp_path / "stack.json").write_text(json.dumps(one_machine))

    def ask(**given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "operations.query"),
                *(f"--{name}={value}" for name, value in given.items()),
            ],
            cwd=ROOT,
            env=os.environ | {"WEIR_FOLDER": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return ask


def entry(number: int, now: datetime, client: str = "smoke") -> dict[str, Any]:
    """Return message *number* as the validator queues it, its layout by turns."""
    milliseconds = int(now.timestamp() * 1000) + number
    text = json.dumps(HOSTILE[number % len(HOSTILE)], ensure_ascii=number % 2 == 0)
    attributes = {
        "message_id": str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)),
        "contract": CONTRACTS[number % 4],
        "client": client,
        "contract_version": "1",
        "layout": ("message", "batch")[number // 4 % 2],
    }
    return {
        "Id": str(number),
        "MessageBody": f'{{"email_subject": {text}, "n": {INTEGER}, "part": {{"d": {DECIMAL}}}}}',
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }


def is_empty(sqs: Any, queue_url: str) -> bool:
    """Say whether the queue holds nothing, nor anybody anything of it."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return not any(int(found[name]) for name in names)


def test_two_thousand_messages_are_read_back_each_once(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    eventually: Callable[..., Any],
    query: Query,
) -> None:
    """Straight into the queue, as each message names its layout there; then all of them again."""
    now = datetime.now(UTC)
    entries = [entry(number, now) for number in range(COUNT)]
    sent = {
        each["MessageAttributes"]["message_id"]["StringValue"]: (
            each["MessageBody"],
            each["MessageAttributes"]["contract"]["StringValue"],
        )
        for each in entries
    }
    sqs = aws("sqs")
    for step in (10, 7):
        for at in range(0, COUNT, step):
            answer = sqs.send_message_batch(
                QueueUrl=one_machine["queue_url"], Entries=entries[at : at + step]
            )
            assert not answer.get("Failed")

    def is_empty() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=one_machine["queue_url"], AttributeNames=names)[
            "Attributes"
        ]
        return not any(int(found[name]) for name in names)

    assert eventually(is_empty, within_seconds=240)
    found: dict[str, list[Any]] = {name: [] for name in sent}
    for contract in CONTRACTS:
        asked = query(
            sql="SELECT message_id, message, json_extract_scalar(message, '$.n') AS n,"
            " json_extract_scalar(message, '$.part.d') AS d,"
            " json_extract_scalar(message, '$.email_subject') AS subject"
            f" FROM {contract.replace('-', '_')} WHERE dt >= '{now:%Y-%m-%d}'",
            format="json",
        )
        assert asked.returncode == 0, asked.stderr
        for row in json.loads(asked.stdout):
            if row["message_id"] in found:
                found[row["message_id"]].append({**row, "contract": contract})

    assert found == {
        name: [
            {
                "message_id": name,
                "message": text,
                "n": INTEGER,
                "d": DECIMAL,
                "subject": json.loads(text)["email_subject"],
                "contract": contract,
            }
        ]
        for name, (text, contract) in sent.items()
    }


def test_a_question_that_cannot_be_asked_says_why(query: Query) -> None:
    """And leaves by the exit code that a script sees."""
    asked = query(sql="SELECT count(*) FROM emails")

    assert asked.returncode != 0
    assert "There is no table emails" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_one_clients_messages_are_erased_as_the_document_says(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    eventually: Callable[..., Any],
    query: Query,
) -> None:
    """Both layouts, every version; the neighbours in the same batch stay."""
    [code] = [
        block
        for block in re.findall(
            r"<<'CODE'\n(.*?)\nCODE\n", (ROOT / "docs/reading.md").read_text(), re.DOTALL
        )
        if "erase(key)" in block
    ]
    now = datetime.now(UTC)
    clients = ["leaver", "stayer"]
    entries = [entry(10_000 + n, now, clients[n % 3 == 0]) for n in range(24)]
    sqs, s3 = aws("sqs"), aws("s3")
    for at in range(0, len(entries), 8):
        sqs.send_message_batch(QueueUrl=one_machine["queue_url"], Entries=entries[at : at + 8])
    assert eventually(lambda: is_empty(sqs, one_machine["queue_url"]), within_seconds=120)
    sent = {
        client: {
            values["message_id"]["StringValue"]
            for values in (each["MessageAttributes"] for each in entries)
            if values["client"]["StringValue"] == client
        }
        for client in clients
    }

    erased = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ
        | {
            "AWS_ENDPOINT_URL": one_machine["endpoint_url"],
            "AWS_ACCESS_KEY_ID": one_machine["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": one_machine["secret_access_key"],
            "AWS_DEFAULT_REGION": one_machine["region"],
            "BUCKET": one_machine["bucket"],
            "CLIENT": "leaver",
            "DAY": f"{now:%Y-%m-%d}",
            "DELETE": "yes",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert erased.stdout == f"{len(sent['leaver'])} messages of leaver erased\n", erased.stderr
    asked = query(sql="SELECT message_id FROM all_messages", format="json")
    left = {row["message_id"] for row in json.loads(asked.stdout)}
    assert left & sent["leaver"] == set()
    assert sent["stayer"] <= left
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=one_machine["bucket"])
    versions = [item["Key"] for page in pages for item in page.get("Versions", [])]
    assert not [key for key in versions if any(name in key for name in sent["leaver"])]
