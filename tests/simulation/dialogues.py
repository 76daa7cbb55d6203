"""The same calls for every player of S3 and SQS: the world's, moto, the emulator.

Each dialogue returns what was answered, in words that do not depend on who answers.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

Answers = dict[str, str]
# Where another player says something else than the world's, and why the world does not follow.
# AWS's own documents decide; a fake that is kinder than they are would prove nothing.
_XML = "SendMessage, API reference: characters outside XML 1.0's are InvalidMessageContents"
_METADATA = "PutObject, API reference: user metadata is limited to 2 KB in size"
_GONE = (
    "SQS answers InvalidParameterValue: the message does not exist or is not available for a change"
)
DEVIATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "moto": {
        "too much beside it": ("done", _METADATA),
        "a wrong checksum": (
            "done",
            "Error responses of S3: a checksum that does not match the body is BadDigest",
        ),
        "a character that is not XML's": ("done", _XML),
        "shown after its deletion": ("ReceiptHandleIsInvalid", _GONE),
    },
    "emulator": {
        "too much beside it": ("done", _METADATA),
        "hidden for thirteen hours": (
            "done",
            "ChangeMessageVisibility, API reference: from 0 to 43,200 seconds",
        ),
        "and again": (
            "ReceiptHandleIsInvalid",
            "DeleteMessage, API reference: a message that was deleted can be deleted again",
        ),
        "shown after its deletion": ("ReceiptHandleIsInvalid", _GONE),
        "a character that is not XML's": ("done", _XML),
    },
}


def s3_dialogue(s3: Any, bucket: str) -> Answers:
    """Return what S3 answers to conditional writes, reads, lists and deletions."""
    answers: Answers = {}

    def ask(name: str, call: Callable[..., Any], **request: Any) -> Any:
        return _ask(answers, name, call, Bucket=bucket, **request)

    put, get = s3.put_object, s3.get_object
    ask("a new key", put, Key="a/1", Body=b"one", IfNoneMatch="*")
    ask("the key again", put, Key="a/1", Body=b"two", IfNoneMatch="*")
    first = ask("what is there", get, Key="a/1")
    answers["its bytes"] = first["Body"].read().decode()
    ask("over it with its tag", put, Key="a/1", Body=b"three", IfMatch=first["ETag"])
    ask("over it with the old tag", put, Key="a/1", Body=b"four", IfMatch=first["ETag"])
    ask("over nothing with a tag", put, Key="none", Body=b"-", IfMatch=first["ETag"])
    ask("over it without a word", put, Key="a/1", Body=b"five")
    answers["then its bytes"] = get(Bucket=bucket, Key="a/1")["Body"].read().decode()
    ask("what is not there", get, Key="none")
    ask("something beside it", put, Key="a/2", Body=b"8", Metadata={"name": "value"})
    answers["what is beside it"] = str(get(Bucket=bucket, Key="a/2")["Metadata"])
    ask("a third", put, Key="b/1", Body=b"9")
    lists: dict[str, dict[str, Any]] = {
        "a list": {},
        "a list below a prefix": {"Prefix": "a/"},
        "a list of one key": {"Prefix": "a/1", "MaxKeys": 1},
        "a list of nothing": {"Prefix": "z"},
    }
    for name, request in lists.items():
        found = s3.list_objects_v2(Bucket=bucket, **request)
        keys = [(each["Key"], each["Size"]) for each in found.get("Contents", [])]
        answers[name] = f"{keys}, more: {found['IsTruncated']}"
    page = s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
    rest = s3.list_objects_v2(Bucket=bucket, ContinuationToken=page["NextContinuationToken"])
    answers["the next page"] = str([each["Key"] for each in rest["Contents"]])
    ask("a deletion", s3.delete_object, Key="a/1")
    ask("the deletion again", s3.delete_object, Key="a/1")
    ask("the key after its deletion", put, Key="a/1", Body=b"ten", IfNoneMatch="*")
    ask("too much beside it", put, Key="c", Body=b"7", Metadata={"name": "x" * 2048})
    ask("a wrong checksum", put, Key="b", Body=b"six", ChecksumCRC32=b64encode(b"1234").decode())
    return answers


def sqs_dialogue(sqs: Any, queue: str, dead_letters: str) -> Answers:
    """Return what SQS answers, *queue* giving up a message after two receives."""
    answers: Answers = {}

    def ask(name: str, call: Callable[..., Any], **request: Any) -> Any:
        return _ask(answers, name, call, QueueUrl=queue, **request)

    def entry(number: int, body: str = "body", **more: Any) -> dict[str, Any]:
        return {"Id": str(number), "MessageBody": body, **more}

    send = sqs.send_message_batch
    ask("no entries", send, Entries=[])
    ask("eleven entries", send, Entries=[entry(number) for number in range(11)])
    ask("equal entry ids", send, Entries=[entry(1), entry(1)])
    ask("more than a mebibyte", send, Entries=[entry(at, "x" * 600_000) for at in range(2)])
    attributes = {"name": {"DataType": "String", "StringValue": "value"}}
    sent = send(QueueUrl=queue, Entries=[entry(1, "one", MessageAttributes=attributes)])
    answers["one that is taken"] = str([each["Id"] for each in sent["Successful"]])
    answers["and refused"] = str(sent.get("Failed", []))
    plain = _receive(sqs, queue)
    answers["received"] = plain["Body"]
    answers["what comes unasked"] = str(sorted({"Attributes", "MessageAttributes"} & set(plain)))
    answers["while it is hidden"] = str(sqs.receive_message(QueueUrl=queue).get("Messages", []))
    change = sqs.change_message_visibility
    handle = plain["ReceiptHandle"]
    ask("hidden for thirteen hours", change, ReceiptHandle=handle, VisibilityTimeout=46_800)
    ask("a handle that never was", change, ReceiptHandle="none", VisibilityTimeout=0)
    both = [
        {"Id": "0", "ReceiptHandle": handle, "VisibilityTimeout": 0},
        {"Id": "1", "ReceiptHandle": "none", "VisibilityTimeout": 0},
    ]
    changed = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=both)
    answers["shown, one of two"] = str(
        [[each["Id"] for each in changed.get(name, [])] for name in ("Successful", "Failed")]
    )
    again = _receive(sqs, queue, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])
    answers["received again"] = again["Attributes"]["ApproximateReceiveCount"]
    answers["with what was sent beside it"] = again["MessageAttributes"]["name"]["StringValue"]
    change(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
    answers["a third time"] = str(sqs.receive_message(QueueUrl=queue).get("Messages", []))
    letter = _receive(sqs, dead_letters)
    answers["among the dead letters"] = letter["Body"]
    delete = sqs.delete_message
    _ask(answers, "deleted", delete, QueueUrl=dead_letters, ReceiptHandle=letter["ReceiptHandle"])
    _ask(answers, "and again", delete, QueueUrl=dead_letters, ReceiptHandle=letter["ReceiptHandle"])
    _ask(
        answers,
        "shown after its deletion",
        change,
        QueueUrl=dead_letters,
        ReceiptHandle=letter["ReceiptHandle"],
        VisibilityTimeout=0,
    )
    ask("a character that is not XML's", send, Entries=[entry(1, "\ufffe")])
    return answers


def differences(player: str, theirs: Answers, ours: Answers) -> list[str]:
    """Return where *player* and the world differ, beyond the deviations that are known."""
    known = DEVIATIONS[player]
    found = [
        f"{name}: {player} says {theirs.get(name)!r}, the world {ours.get(name)!r}"
        for name in ours | theirs
        if theirs.get(name) != ours.get(name) and name not in known
    ]
    stale = [
        f"{name}: {player} says {theirs.get(name)!r}, no longer {said!r}"
        for name, (said, _) in known.items()
        if theirs.get(name) not in (said, None)
    ]
    return found + stale


def _receive(sqs: Any, queue: str, **request: Any) -> Any:
    """Receive one message; a queue may need a moment to hand it out."""
    for _ in range(20):
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, **request)
        if messages := found.get("Messages"):
            return messages[0]
    raise AssertionError("no message came")


def _ask(answers: Answers, name: str, call: Callable[..., Any], **request: Any) -> Any:
    try:
        answer = call(**request)
    except ClientError as error:
        answers[name] = error.response["Error"]["Code"].removeprefix("AWS.SimpleQueueService.")
        return None
    answers[name] = "done"
    return answer
