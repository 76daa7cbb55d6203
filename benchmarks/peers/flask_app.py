"""What Weir replaces: a Flask service with Prometheus metrics that puts messages on SQS."""

import hmac
import json
import logging
import os
import uuid
from datetime import datetime
from typing import Any

import boto3
from flask import Flask, jsonify, request
from prometheus_client import Counter, Histogram, make_wsgi_app
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app = Flask(__name__)
app.logger.setLevel(logging.INFO)
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/metrics": make_wsgi_app()})  # type: ignore[method-assign]
accepted = Counter("messages_accepted", "Messages that were put on the queue")
enqueue_time = Histogram("enqueue_seconds", "Time that SQS took")
sqs = boto3.client("sqs")
ssm = boto3.client("ssm")
path = os.environ["TOKEN_PARAMETER_PATH"]


def read_tokens() -> dict[str, str]:
    """Return each client's token."""
    found = ssm.get_parameters_by_path(Path=path, WithDecryption=True)["Parameters"]
    return {each["Name"].rpartition("/")[2]: each["Value"] for each in found}


tokens = read_tokens()


def known_tokens() -> dict[str, str]:
    """Return the tokens that were read at the start."""
    return tokens


def is_valid(data: Any) -> bool:
    """Tell whether *data* is an e-mail."""
    names = {"email_subject", "email_sender", "email_timestream", "email_content"}
    if not isinstance(data, dict) or data.keys() != names:
        return False
    if not all(isinstance(value, str) and value for value in data.values()):
        return False
    try:
        datetime.fromtimestamp(int(data["email_timestream"]))
    except ValueError:
        return False
    return True


@app.post("/messages/email")
def post_message() -> Any:
    """Put a message on the queue."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = known_tokens()
    clients = [name for name, value in known.items() if hmac.compare_digest(value, token)]
    if not clients:
        return jsonify(error="wrong token"), 401
    data = request.get_json().get("data")
    if not is_valid(data):
        return jsonify(error="invalid message"), 422
    message_id = str(uuid.uuid4())
    attributes = {"message_id": message_id, "contract": "email", "client": clients[0]}
    sqs.send_message(
        QueueUrl=os.environ["MESSAGE_QUEUE_URL"],
        MessageBody=json.dumps(data),
        MessageAttributes={
            name: {"StringValue": value, "DataType": "String"} for name, value in attributes.items()
        },
    )
    app.logger.info("message %s queued for %s", message_id, clients[0])
    return jsonify(message_id=message_id, status="queued"), 202
